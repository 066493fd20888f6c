#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");exec "${f%/*}/../scripts/launch.sh" "$f" "$@"'
import { main } from '../src/commands/main.ts';
import { trust } from '../src/commands/trust.ts';

await main(trust);
