# e.sh: sets up a shell for gimlet. Source it: `source e.sh` (bash, zsh) or `. ./e.sh` (dash, sh), from anywhere.
# Installs what is missing, gives every variable a default that you may set before, changes nothing when run twice.

_gimlet_root() {
	# Each shell knows the sourced file under another name; dash does not, but holds it open.
	if [ -n "${BASH_VERSION-}" ]; then
		eval '_gimlet_file=${BASH_SOURCE[0]}'
	elif [ -n "${ZSH_VERSION-}" ]; then
		eval '_gimlet_file=${(%):-%x}'
		case $_gimlet_file in */e.sh | e.sh) ;; *) eval '_gimlet_file=${funcsourcetrace[1]%:*}' ;; esac
	else
		_gimlet_file=
		for _gimlet_fd in /proc/$$/fd/*; do
			case $(readlink "$_gimlet_fd" 2>/dev/null) in */e.sh) _gimlet_file=$(readlink "$_gimlet_fd") ;; esac
		done
	fi
	if [ -n "$_gimlet_file" ] && [ -f "$_gimlet_file" ]; then
		_gimlet_file=$(readlink -f "$_gimlet_file")
		printf '%s\n' "${_gimlet_file%/*}"
		return 0
	fi
	_gimlet_dir=$(pwd -P)
	while [ -n "$_gimlet_dir" ]; do
		if [ -f "$_gimlet_dir/e.sh" ] && [ -f "$_gimlet_dir/bin/train.ts" ]; then
			printf '%s\n' "$_gimlet_dir"
			return 0
		fi
		_gimlet_dir=${_gimlet_dir%/*}
	done
	if [ -f "${ROOT-}/e.sh" ] && [ -f "${ROOT-}/bin/train.ts" ]; then
		printf '%s\n' "$ROOT"
		return 0
	fi
	echo "e.sh: cannot tell where gimlet is; go there first: cd …/gimlet && . ./e.sh" >&2
	return 1
}

_gimlet_setup() {
	if ! command -v node >/dev/null 2>&1 || ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 20) ? 0 : 1)'; then
		echo "e.sh: gimlet needs Node.js 20.20 or newer on the PATH (found: $(node --version 2>/dev/null || echo none))." >&2
		return 1
	fi
	if [ ! -f "$ROOT/node_modules/.package-lock.json" ] || [ "$ROOT/package-lock.json" -nt "$ROOT/node_modules/.package-lock.json" ]; then
		echo "e.sh: installing dependencies (npm ci) …" >&2
		(cd "$ROOT" && npm ci --no-audit --no-fund >&2) || return 1
		touch "$ROOT/node_modules/.package-lock.json"
	fi
	# Edited sources run as they are, only slower to start; new ones from a pull are compiled here.
	if [ -n "$(find "$ROOT/bin" "$ROOT/src" -newer "$ROOT/build/stamp" 2>&1 | head -n 1)" ]; then
		node --import="file://$ROOT/node_modules/tsx/dist/loader.mjs" "$ROOT/scripts/build.ts" --if-possible >&2 || return 1
	fi
	mkdir -p "$DATA_DIR" "$RESULTS_DIR"
}

if _gimlet_found=$(_gimlet_root); then
	ROOT=$_gimlet_found
	: "${DATA_DIR:=$ROOT/data}"
	: "${RESULTS_DIR:=$ROOT/results}"
	: "${DEVICE_NAME:=default}"
	export ROOT DATA_DIR RESULTS_DIR DEVICE_NAME
	case ":$PATH:" in
	*":$ROOT/bin:"*) ;;
	*) PATH=$ROOT/bin:$PATH && export PATH ;;
	esac
	_gimlet_setup
else
	false
fi
_gimlet_status=$?
unset _gimlet_found _gimlet_file _gimlet_fd _gimlet_dir
unset -f _gimlet_root _gimlet_setup
eval "unset _gimlet_status; return $_gimlet_status"
