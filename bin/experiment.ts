#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");exec "${f%/*}/../scripts/launch.sh" "$f" "$@"'
import { experiment } from '../src/commands/experiment.ts';
import { main } from '../src/commands/main.ts';

await main(experiment);
