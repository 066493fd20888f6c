#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");exec "${f%/*}/../scripts/launch.sh" "$f" "$@"'
import { jobs } from '../src/commands/jobs.ts';
import { main } from '../src/commands/main.ts';

await main(jobs);
