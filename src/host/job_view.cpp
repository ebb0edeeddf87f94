// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/job_view.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "enter/entrypoint.hpp"
#include "enter/entrypoint_variables.hpp"
#include "host/unit_text.hpp"

namespace ccci::host {

namespace {

// The members of rules with '*'.
constexpr auto members = std::to_array<std::string_view>({
    "LC_ALL",
    "LC_ADDRESS",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_IDENTIFICATION",
    "LC_MEASUREMENT",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NAME",
    "LC_NUMERIC",
    "LC_PAPER",
    "LC_TELEPHONE",
    "LC_TIME",
    "LD_AUDIT",
    "LD_BIND_NOT",
    "LD_BIND_NOW",
    "LD_DEBUG",
    "LD_DEBUG_OUTPUT",
    "LD_DYNAMIC_WEAK",
    "LD_HWCAP_MASK",
    "LD_LIBRARY_PATH",
    "LD_ORIGIN_PATH",
    "LD_PRELOAD",
    "LD_PROFILE",
    "LD_PROFILE_OUTPUT",
    "LD_RUN_PATH",
    "LD_SHOW_AUXV",
    "LD_TRACE_LOADED_OBJECTS",
    "LD_USE_LOAD_BIAS",
    "LD_VERBOSE",
    "LD_WARN",
    "LOCALE_ARCHIVE",
    "MEMUSAGE_OUTPUT",
    "MEMUSAGE_PROG_NAME",
    "SEGFAULT_SIGNALS",
    "SEGFAULT_OUTPUT_NAME",
    "SOTRUSS_EXIT",
    "SOTRUSS_FROMLIST",
    "SOTRUSS_TOLIST",
    "NIX_LD",
    "NIX_LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "CONDA_EXE",
    "PERLDOC",
    "PERLDOC_PAGER",
    "GEM_HOME",
    "GEM_PATH",
    "TCL8_6_TM_PATH",
    "TCL9_0_TM_PATH",
    "LUA_PATH",
    "LUA_PATH_5_1",
    "LUA_PATH_5_2",
    "LUA_PATH_5_3",
    "LUA_PATH_5_4",
    "LUA_CPATH",
    "LUA_CPATH_5_4",
    "LUA_INIT",
    "LUA_INIT_5_4",
    "GUILE_LOAD_PATH",
    "GUILE_LOAD_COMPILED_PATH",
    "GUILE_SYSTEM_PATH",
    "PLTCOLLECTS",
    "CHICKEN_REPOSITORY_PATH",
    "CHICKEN_INCLUDE_PATH",
    "R_LIBS",
    "R_LIBS_USER",
    "R_LIBS_SITE",
    "R_PROFILE",
    "R_PROFILE_USER",
    "R_ENVIRON",
    "R_ENVIRON_USER",
    "R_MAKEVARS_USER",
    "OCTAVE_PATH",
    "GROFF_FONT_PATH",
    "GROFF_TMAC_PATH",
    "DOTNET_ROOT",
    "CORECLR_PROFILER_PATH",
    "COR_PROFILER_PATH",
    "GROOVY_HOME",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "GDK_PIXBUF_MODULEDIR",
    "GTK_PATH",
    "GST_PLUGIN_PATH",
    "GST_REGISTRY",
    "PANGO_RC_FILE",
    "TEXMFCNF",
    "TEXMFHOME",
    "TEXMFLOCAL",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
    "VK_LAYER_PATH",
    "__EGL_VENDOR_LIBRARY_DIRS",
    "__EGL_VENDOR_LIBRARY_FILENAMES",
    "OCL_ICD_FILENAMES",
    "OCL_ICD_VENDORS",
    "ALSA_CONFIG_DIR",
    "ALSA_CONFIG_PATH",
    "MAGICK_CODER_MODULE_PATH",
    "MAGICK_CONFIGURE_PATH",
    "MAGICK_FILTER_MODULE_PATH",
    "MAGICK_HOME",
    "HARNESS_PERL",
    "HARNESS_PERL_SWITCHES",
    "MITSCHEME_LIBRARY_PATH",
    "ERL_OTP25_FLAGS",
    "ERL_OTP27_FLAGS",
    "ANSIBLE_COLLECTIONS_PATH",
    "ANSIBLE_COLLECTIONS_PATHS",
    "ANSIBLE_ACTION_PLUGINS",
    "ANSIBLE_BECOME_PLUGINS",
    "ANSIBLE_CACHE_PLUGINS",
    "ANSIBLE_CALLBACK_PLUGINS",
    "ANSIBLE_CONNECTION_PLUGINS",
    "ANSIBLE_FILTER_PLUGINS",
    "ANSIBLE_INVENTORY_PLUGINS",
    "ANSIBLE_LOOKUP_PLUGINS",
    "ANSIBLE_STRATEGY_PLUGINS",
    "ANSIBLE_TEST_PLUGINS",
    "ANSIBLE_VARS_PLUGINS",
    "ANSIBLE_DOC_FRAGMENT_PLUGIN_PATH",
    "LIBMYSQL_PLUGINS",
    "LIBMYSQL_PLUGIN_DIR",
    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
    "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
    "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER",
    "CCACHE_PREFIX",
    "CCACHE_PREFIX_CPP",
    "CMAKE_C_COMPILER_LAUNCHER",
    "CMAKE_C_LINKER_LAUNCHER",
    "CMAKE_CUDA_COMPILER_LAUNCHER",
    "CMAKE_CXX_COMPILER_LAUNCHER",
    "CMAKE_CXX_LINKER_LAUNCHER",
    "CMAKE_Fortran_COMPILER_LAUNCHER",
    "CMAKE_Fortran_LINKER_LAUNCHER",
    "CMAKE_HIP_COMPILER_LAUNCHER",
    "CMAKE_OBJCXX_COMPILER_LAUNCHER",
    "CMAKE_OBJC_COMPILER_LAUNCHER",
    "CARGO_BUILD_RUSTDOC",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CONDA_PYTHON_EXE",
    "CONDA_SHLVL",
    "CORECLR_ENABLE_PROFILING",
    "CORECLR_PROFILER",
    "CORECLR_PROFILER_PATH_64",
    "COR_ENABLE_PROFILING",
    "DOTNET_ROOT_X64",
    "GEM_SPEC_CACHE",
    "GROFF_BIN_PATH",
    "GROFF_ENCODING",
    "GROFF_TYPESETTER",
    "GST_PLUGIN_PATH_1_0",
    "GST_PLUGIN_SCANNER",
    "GST_PLUGIN_SCANNER_1_0",
    "GST_PLUGIN_SYSTEM_PATH",
    "GST_PLUGIN_SYSTEM_PATH_1_0",
    "GST_REGISTRY_1_0",
    "GDK_PIXBUF_MODULE_FILE",
    "GUILE_SYSTEM_COMPILED_PATH",
    "GUILE_SYSTEM_EXTENSIONS_PATH",
    "LUA_CPATH_5_1",
    "LUA_CPATH_5_2",
    "LUA_CPATH_5_3",
    "LUA_INIT_5_1",
    "LUA_INIT_5_2",
    "LUA_INIT_5_3",
    "MAGICK_CODER_FILTER_PATH",
    "MAGICK_FILTER_PATH",
    "OCTAVE_EXEC_PATH",
    "OCTAVE_HOME",
    "OCTAVE_SITE_INITFILE",
    "OCTAVE_VERSION_INITFILE",
    "PLTADDONDIR",
    "PLTCOMPILEDROOTS",
    "TEXMF",
    "TEXMFCONFIG",
    "TEXMFDIST",
    "TEXMFSYSCONFIG",
    "TEXMFSYSVAR",
    "TEXMFVAR",
    "VK_ADD_DRIVER_FILES",
    "VK_ADD_LAYER_PATH",
    "VK_INSTANCE_LAYERS",
    "ALSA_CONFIG_UCM",
    "ALSA_CONFIG_UCM2",
});

bool is_pattern(std::string_view name) { return name.find('*') != std::string_view::npos; }

std::string setting(std::string_view key, const std::string& value) {
  return std::string(key) + "=" + value + "\n";
}

}  // namespace

std::string bound(const std::string& from, const std::string& to) {
  const bool plain = to == "/usr";
  return setting("BindReadOnlyPaths", unit_word(from) + ":" + (plain ? to : unit_word(to)));
}

std::string view_mounts(const environment::Environment& environment) {
  std::string text = bound(environment.root + "/usr", "/usr");
  // systemd reads all sources on the host, so this one is the host's /etc.
  text += bound("/etc", enter::host_etc);
  text += bound(environment.root + "/etc", "/etc");
  for (const std::string& place : environment.places) {
    text += bound(environment.root + "/" + place, "/" + place);
  }
  return text;
}

std::map<std::string, std::string> view_variables(const environment::Environment& environment) {
  std::map<std::string, std::string> all = environment.variables;
  all.insert_or_assign("CC_CI_ENVIRONMENT", environment.address.hash);
  // Python packages in the caller's ~/.local belong to the host, not to the environment.
  all.try_emplace("PYTHONNOUSERSITE", "1");
  return all;
}

bool is_dropped(std::string_view name) {
  const auto& rules = enter::dropped_variables;
  return std::any_of(std::begin(rules), std::end(rules), [&](const enter::VariableRule& rule) {
    const std::string_view pattern = rule.name;
    if (!is_pattern(pattern)) return name == pattern;
    const std::string_view begin = pattern.substr(0, pattern.find('*'));
    const std::string_view end = pattern.substr(begin.size() + 1);
    return name.size() >= begin.size() + end.size() && name.starts_with(begin) &&
           name.ends_with(end);
  });
}

std::vector<std::string> unset_variables(const environment::Environment& environment) {
  std::vector<std::string> names(members.begin(), members.end());
  for (const enter::VariableRule& rule : enter::dropped_variables) {
    if (!is_pattern(rule.name)) names.emplace_back(rule.name);
  }
  const std::map<std::string, std::string> set = view_variables(environment);
  std::erase_if(names,
                [&](const std::string& name) { return name == "PATH" || set.contains(name); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string view_settings(const environment::Environment& environment) {
  std::string text = "UMask=0022\n";
  std::vector<std::string> line;
  std::size_t length = 0;
  const auto flush = [&] {
    if (!line.empty()) text += setting("UnsetEnvironment", base::join(line, " "));
    line.clear();
    length = 0;
  };
  constexpr std::size_t readable = 80;
  for (const std::string& name : unset_variables(environment)) {
    if (length + name.size() > readable) flush();
    length += name.size() + 1;
    line.push_back(name);
  }
  flush();
  return text;
}

}  // namespace ccci::host
