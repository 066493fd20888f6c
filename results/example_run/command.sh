#!/bin/sh
# Repeats this run, from any directory. Variables that are set stay as they are.
PATH=${PATH:+$PATH:}/usr/bin
export PATH
[ "${DATA_DIR+set}" ] || DATA_DIR=/home/user/gimlet/data
export DATA_DIR
cd -- /home/user/gimlet || exit 1
exec /home/user/gimlet/bin/train.ts results/example_run configs/cnn.gin "$@"
