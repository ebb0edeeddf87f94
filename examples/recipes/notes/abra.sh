#!/bin/bash

export SERVER_VERSION=v3
