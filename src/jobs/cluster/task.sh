# shellcheck shell=bash
# Runs the lines of one array task, one after the other. The script that the scheduler starts sets these, then
# sources this file:
#   state       the folder with leases, outcomes and logs        submission  the folder with jobs.tsv
#   scheduler   slurm or lsf                                     per_task    lines per task
#   cwd shell   where and in what each line runs                 offset      lines before this array's first
#   requeues    how often a task may ask to be run again         stale       seconds after which a silent owner is dead
# Exit code: 0 all lines ended well, 1 some failed, 75 saved its state and must be run again.

case $scheduler in
slurm)
	index=${SLURM_ARRAY_TASK_ID:?set it to the number of a task, from 0, to run that one by hand}
	task=slurm-${SLURM_ARRAY_JOB_ID:-by-hand}_$index
	# Always task by task: a bare array id would requeue them all.
	requeue() { command -v scontrol >/dev/null && scontrol requeue "${SLURM_ARRAY_JOB_ID}_$index"; }
	;;
lsf)
	index=$((${LSB_JOBINDEX:?set it to the number of a task, from 1, to run that one by hand} - 1))
	task=lsf-${LSB_JOBID:-by-hand}_$index
	requeue() { :; } # exit code 75 does it
	;;
esac

place="$(uname -n) $(cat /proc/sys/kernel/random/boot_id 2>/dev/null) $(readlink /proc/self/ns/pid 2>/dev/null)"
child='' warned='' stopped='' failures=0 again=''

say() { echo "$(date -u +%H:%M:%S) $*"; }
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }

start_of() { # PID: when that process began; nothing where it has ended
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	[ "$1" = Z ] || echo "${20}"
}
my_start=$(start_of $$)

# ---------- the lease of a line: an exclusive file, the same as `jobs run` makes ----------
lease_text() {
	local kid=''
	[ -z "$child" ] || kid="\"child\":{\"pid\":$child,\"start\":\"$(start_of "$child")\"},"
	printf '{"v":1,"place":"%s","owner":{"pid":%s,"start":"%s"},%s"attempt":%s,"time":"%s","stale":%s,"by":"%s"}\n' \
		"$place" $$ "$my_start" "$kid" "$attempt" "$(now)" "$stale" "$task"
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$2" 2>/dev/null; }
lives() { # owner|child FILE
	local pid start
	read -r pid start <<<"$(sed -n "s/.*\"$1\":{\"pid\":\([0-9]*\),\"start\":\"\([0-9]*\)\".*/\1 \2/p" "$2" 2>/dev/null)"
	[ -n "$pid" ] && [ "$(start_of "$pid")" = "$start" ]
}
is_dead() { # FILE: its owner has died, or has been silent for too long on another machine
	local limit clock age
	if grep -qF "\"place\":\"$place\"" "$1" 2>/dev/null; then
		! lives owner "$1" && ! lives child "$1"
		return
	fi
	limit=$(field stale "$1")
	clock=$1.clock.$$
	: >"$clock"
	age=$(($(stat -c %Y "$clock") - $(stat -c %Y "$1" 2>/dev/null || stat -c %Y "$clock")))
	rm -f "$clock"
	[ "$age" -gt "${limit:-60}" ]
}
is_mine() { grep -qF "\"place\":\"$place\",\"owner\":{\"pid\":$$,\"start\":\"$my_start\"" "$lease" 2>/dev/null; }
create_lease() { (set -C && lease_text >"$lease") 2>/dev/null; }
take_lease() { # 1: somebody alive has it
	create_lease && return 0
	is_dead "$lease" || return 1
	# Only who holds this file may remove a lease, and only after looking again: two takers cannot both win.
	if ! (set -C && echo $$ >"$lease.takeover") 2>/dev/null; then
		[ -z "$(find "$lease.takeover" -mmin +2 2>/dev/null)" ] || rm -f "$lease.takeover"
		return 1
	fi
	local taken=1
	if is_dead "$lease"; then
		attempt=$(($(field attempt "$lease" || echo 0) + 1))
		grep -qF "\"place\":\"$place\"" "$lease" || inherited=1
		rm -f "$lease"
		create_lease && taken=0
	fi
	rm -f "$lease.takeover"
	return $taken
}
beat() { # touches the lease; a line whose lease somebody has taken is killed: two writers would be worse
	while sleep "$((stale > 6 ? stale / 6 : 1))"; do
		kill -0 $$ 2>/dev/null || exit 0
		if is_mine; then
			touch -c "$lease"
		elif [ -e "$lease" ]; then
			kill -KILL -- "-$1"
			exit 0
		fi
	done
}

# ---------- signals: the time limit comes near (USR1), the task must end (TERM) ----------
# No command substitution in here: bash stumbles where two signals come together.
warn() {
	warned=1
	[ -n "$child" ] || return 0
	# Only processes that handle USR1 get it; any other would die of it.
	local folder stat name value
	for folder in /proc/[0-9]*; do
		{ read -r stat <"$folder/stat"; } 2>/dev/null || continue
		stat=${stat##*) }
		# shellcheck disable=SC2086
		set -- $stat
		[ "$3" = "$child" ] || continue
		value=0
		while read -r name value; do [ "$name" != SigCgt: ] || break; done 2>/dev/null <"$folder/status"
		(((0x${value:(-4)} & 0x200) == 0)) || kill -USR1 "${folder#/proc/}" 2>/dev/null
	done
}
stop() {
	stopped=1
	[ -z "$child" ] || kill -TERM -- "-$child" 2>/dev/null
}
trap 'interrupted=1; warn' USR1
trap 'interrupted=1; stop' TERM INT

# ---------- one line ----------
is_ok() { grep -qF '"state":"ok"' "$state/ended/$key.json" 2>/dev/null; }

run_command() { # leaves its exit code in $code
	set -m # a process group of its own
	(cd "$cwd" && GIMLET_JOB_KEY=$key GIMLET_JOB_ATTEMPT=$attempt exec "$shell" -c "$script$command") \
		</dev/null >>"$log" 2>&1 &
	child=$!
	set +m
	lease_text >"$lease"
	beat "$child" </dev/null >/dev/null 2>&1 &
	beater=$!
	[ -z "$warned" ] || warn
	[ -z "$stopped" ] || stop
	while :; do
		interrupted=''
		wait "$child"
		code=$?
		[ -n "$interrupted" ] || break
	done
	child=''
	kill "$beater" 2>/dev/null
}

run_line() {
	local code begin outcome file script beater log patience inherited=''
	lease=$state/leases/$key
	file=$state/ended/$key.json
	attempt=$(($(field attempt "$file" || echo 0) + 1))
	until take_lease; do
		[ -n "$said" ] || say "$name: someone else is at it, waiting: $(cat "$lease" 2>/dev/null)"
		said=1
		sleep 2 &
		wait $!
		[ -z "$warned$stopped" ] || return 75
	done
	if is_ok; then
		rm -f "$lease"
		say "$name: finished before"
		return 0
	fi
	script="trap : USR1
"
	[ "$setup" = - ] || script="$script. '$submission/$setup'
"
	begin=$(now)
	say "$name: attempt $attempt"
	log=$state/logs/$name.$attempt.log
	: >"$log"
	patience=$((SECONDS + 150))
	while :; do
		run_command
		# What a lost node was writing into is refused (exit code 3) until its last sign of life is old enough.
		[ "$code" = 3 ] && [ -n "$inherited" ] && [ -z "$warned$stopped" ] && [ "$SECONDS" -lt "$patience" ] || break
		lease_text >"$lease"
		sleep 5 &
		wait $!
	done
	case $code in
	0) outcome=ok ;;
	75) outcome=again ;;
	*)
		outcome=failed
		[ -z "$stopped" ] || outcome=${warned:+timeout}
		outcome=${outcome:-interrupted}
		;;
	esac
	if ! is_mine; then
		say "$name: lost its lease"
		return 1
	fi
	printf '{"v":1,"key":"%s","name":"%s","attempt":%s,"state":"%s","code":%s,"signal":null,"start":"%s","end":"%s","host":"%s","by":"%s"}\n' \
		"$key" "$name" "$attempt" "$outcome" "$code" "$begin" "$(now)" "$(uname -n)" "$task" |
		tee -a "$state/history/$task.jsonl" >"$lease"
	mv "$lease" "$file"
	say "$name: $outcome ($code)"
	case $outcome in ok) return 0 ;; again) return 75 ;; *) return 1 ;; esac
}

# ---------- all lines of this task ----------
first=$((offset + index * per_task + 1))
while IFS=$'\t' read -r -u 8 key name setup command; do
	if [ -n "$warned$stopped" ]; then
		again=1
		break
	fi
	said=''
	run_line
	case $? in 0) ;; 75) again=1 ;; *) failures=$((failures + 1)) ;; esac
done 8< <(sed -n "$first,$((first + per_task - 1))p" "$submission/jobs.tsv")

if [ -n "$again" ]; then
	trap '' TERM # asking for the requeue brings one
	if [ "${SLURM_RESTART_COUNT:-0}" -ge "$requeues" ]; then
		say "run again $requeues times already: stopping"
	elif [ -z "$stopped" ] && requeue; then
		say "asked to be run again"
	else
		say "must be run again: jobs status --resubmit"
	fi
	exit 75
fi
[ "$failures" = 0 ]
exit
