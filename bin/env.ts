#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");exec "${f%/*}/../scripts/launch.sh" "$f" "$@"'
import { environment } from '../src/commands/env.ts';
import { main } from '../src/commands/main.ts';

await main(environment);
