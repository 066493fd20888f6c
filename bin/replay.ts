#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");exec "${f%/*}/../scripts/launch.sh" "$f" "$@"'
import { main } from '../src/commands/main.ts';
import { replay } from '../src/commands/replay.ts';

await main(replay);
