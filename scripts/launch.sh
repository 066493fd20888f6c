#!/bin/sh
# launch.sh PROGRAM [ARGUMENT]...: runs a TypeScript program of this repository from any directory.
# Node is started once, with the loader and the repository's own tsconfig, whatever the working directory.
program=$1
shift
here=$(readlink -f "$0")
root=${here%/scripts/*}
if [ -z "$(command -v node)" ]; then
	echo "gimlet needs Node.js 20.20 or newer, and there is no 'node' on the PATH." >&2
	exit 4
fi
name=${program##*/}
built=$root/build/bin/${name%.ts}.js
# The build of `npm run build` is taken while no source is newer than it; GIMLET_COMPILED=0 never takes it.
if [ "$program" = "$root/bin/$name" ] && [ "${GIMLET_COMPILED-1}" != 0 ] && [ -f "$built" ] && [ -f "$root/build/stamp" ]; then
	newer=$(find "$root/bin" "$root/src" "$root/package-lock.json" "$root/tsconfig.json" -newer "$root/build/stamp" | head -n 1)
	if [ -z "$newer" ]; then
		exec node "$built" "$@"
	fi
fi
if [ ! -f "$root/node_modules/tsx/package.json" ]; then
	echo "gimlet is not installed yet. Run: cd '$root' && npm ci   (or: source '$root/e.sh')" >&2
	exit 4
fi
TSX_TSCONFIG_PATH=$root/tsconfig.json
export TSX_TSCONFIG_PATH
exec node --import="file://$root/node_modules/tsx/dist/loader.mjs" "$program" "$@"
