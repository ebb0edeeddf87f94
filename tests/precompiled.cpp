// SPDX-License-Identifier: GPL-3.0-or-later
// CMake wants a source to compile precompiled.hpp for.
