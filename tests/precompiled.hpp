// SPDX-License-Identifier: GPL-3.0-or-later
// What most tests include, parsed once. cmake/precompiled.hpp says more.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "cmake/precompiled.hpp"
