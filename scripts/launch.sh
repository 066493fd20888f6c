#!/bin/sh
# launch.sh PROGRAM [ARGUMENT]...: runs a TypeScript program of this repository from any directory.
# Node is started once, with the loader and the repository's own tsconfig, whatever the working directory.
#
# The programs of bin/ source this file instead, so that no signal falls between two shells: _f is their path, _r the
# repository, _s the warning (USR1 or USR2) that has come so far. A variable of a plain name might be the user's.
case $0 in
*/launch.sh)
	_s=
	trap _s=USR1 USR1
	trap _s=USR2 USR2
	_f=$1
	shift
	_r=$(readlink -f "$0")
	_r=${_r%/scripts/*}
	;;
esac
if [ -z "$(command -v node)" ]; then
	echo "gimlet needs Node.js 20.20 or newer, and there is no 'node' on the PATH." >&2
	exit 4
fi
_v=$(node --version 2>/dev/null)
_major=${_v#v}
_minor=${_major#*.}
_major=${_major%%.*}
_minor=${_minor%%.*}
if ! { [ "$_major" -gt 20 ] || { [ "$_major" -eq 20 ] && [ "$_minor" -ge 20 ]; }; } 2>/dev/null; then
	echo "gimlet needs Node.js 20.20 or newer; the 'node' on the PATH is ${_v:-none that runs}." >&2
	exit 4
fi
case $(ulimit -n) in
? | 1? | 2?)
	echo "Node.js needs more open files than this shell allows: $(ulimit -n) (ulimit -n)." >&2
	exit 4
	;;
esac
if [ ! -d "$(pwd -P 2>/dev/null)" ]; then
	echo "The working directory does not exist any more: go to another one." >&2
	exit 4
fi
_name=${_f##*/}
_built=$_r/build/bin/${_name%.ts}.js
_newer=
# The build of `npm run build` is taken while no source is newer than it; GIMLET_COMPILED=0 never takes it.
if [ "$_f" = "$_r/bin/$_name" ] && [ "${GIMLET_COMPILED-1}" != 0 ] && [ -f "$_built" ] && [ -f "$_r/build/stamp" ]; then
	_newer=$(find "$_r/bin" "$_r/src" "$_r/package-lock.json" "$_r/tsconfig.json" -newer "$_r/build/stamp" | head -n 1)
else
	_newer=yes
fi
if [ -z "$_newer" ]; then
	set -- "$_built" "$@"
elif [ -f "$_r/node_modules/tsx/package.json" ]; then
	TSX_TSCONFIG_PATH=$_r/tsconfig.json
	export TSX_TSCONFIG_PATH
	set -- --import="file://$_r/node_modules/tsx/dist/loader.mjs" "$_f" "$@"
else
	_r=$(printf %s "$_r" | sed "s/'/'\\\\''/g")
	printf '%s\n' "gimlet is not installed yet. Run: cd '$_r' && npm ci   (or: source '$_r/e.sh')" >&2
	exit 4
fi

# From here on it is about signals: see src/core/early-signals.cjs.
set -- --require="$_r/src/core/early-errors.cjs" --require="$_r/src/core/early-signals.cjs" "$@"
case ${NODE_OPTIONS-} in
*--inspect*) ;; # somebody wants the debugger
*) set -- --inspect-port=224.0.0.1:0 --inspect-publish-uid=http "$@" ;;
esac
unset GIMLET_NOTED_SIGNALS GIMLET_IGNORED_SIGNALS
if [ -r /proc/self/status ]; then
	while read -r _key _value; do [ "$_key" != SigIgn: ] || break; done </proc/self/status
	case $_value in *[13579bdf]) export GIMLET_IGNORED_SIGNALS=SIGHUP ;; esac
fi
# A blocked signal waits, also while one program becomes another; where env cannot do it, it is ignored for a moment.
if env --block-signal=USR1 true 2>/dev/null; then
	set -- env --block-signal=USR1 node "$@"
else
	set -- node "$@"
fi
trap '' USR1 USR2
[ -z "${_s-}" ] || export GIMLET_NOTED_SIGNALS="SIG$_s"
exec "$@"
