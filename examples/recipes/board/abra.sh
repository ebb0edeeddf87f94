#!/bin/bash

export BOARD_VERSION=v1
export SETTINGS_VERSION=v1
