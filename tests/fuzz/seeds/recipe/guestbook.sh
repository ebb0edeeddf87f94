2#!/bin/bash

export SERVER_VERSION=v1
export ENTRYPOINT_VERSION=v1
