#!/bin/bash

export INDEX_VERSION=v2
