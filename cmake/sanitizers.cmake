# SPDX-License-Identifier: GPL-3.0-or-later
if(CCCI_SANITIZE)
  add_compile_options(-fsanitize=${CCCI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CCCI_SANITIZE})
endif()
