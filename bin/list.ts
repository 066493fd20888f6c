#!/usr/bin/env -S sh -c 'trap _s=USR1 USR1;trap _s=USR2 USR2;_f=$(readlink -f "$0");_r=${_f%/*/*};. "$_r/scripts/launch.sh"'
import { list } from '../src/commands/list.ts';
import { main } from '../src/commands/main.ts';

await main(list);
