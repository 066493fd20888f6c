#!/bin/sh
# Repeats this run, from any directory.
cd -- /home/user/gimlet || exit 1
exec /home/user/gimlet/bin/train.ts results/example_run configs/cnn.gin "$@"
