# shellcheck shell=bash disable=SC2015,SC2154
# Runs the lines of one array task, one after the other. The script that the scheduler starts sets these, then
# sources this file:
#   state       the folder with leases, outcomes and logs        submission  the folder with jobs.tsv
#   scheduler   slurm or lsf                                     per_task    lines per task
#   cwd shell   where and in what each line runs                 offset      lines before this array's first
#   list        the list, which its lines know as $0             tasks       tasks of this array
#   signal      by which the scheduler warns of the time limit   stale       seconds after which a silent owner is dead
#   requeues    how often a task may ask to be run again         writes_log  whether the task has to open its log itself
# Exit code: 0 all lines ended well, 1 some failed, 2 no such task, 4 the disk is full or read-only, 75 saved its state and
# must be run again.

say() { echo "$(date -u +%H:%M:%S) $*"; }
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
fail() { # CODE TEXT
	say "$2" >&2
	exit "$1"
}

case $scheduler in
slurm)
	number=${SLURM_ARRAY_TASK_ID-} first_number=0
	variable=SLURM_ARRAY_TASK_ID array=${SLURM_ARRAY_JOB_ID:-by-hand}
	# Always task by task: a bare array id would requeue them all. One that was cancelled meanwhile stays so.
	requeue() {
		command -v scontrol >/dev/null || return 1
		case $(squeue -h -j "${array}_$number" -o %T 2>/dev/null | tail -n 1) in
		'' | RUNNING | STOPPED | SUSPENDED) scontrol requeue "${array}_$number" ;;
		*) return 1 ;;
		esac
	}
	;;
lsf)
	number=${LSB_JOBINDEX-} first_number=1
	variable=LSB_JOBINDEX array=${LSB_JOBID:-by-hand}
	requeue() { :; } # exit code 75 does it
	;;
esac
last_number=$((first_number + tasks - 1))
case $number in
'' | *[!0-9]* | ???????*) index=-1 ;;
*) index=$((10#$number - first_number)) ;;
esac
[ "$index" -ge 0 ] && [ "$index" -lt "$tasks" ] ||
	fail 2 "$variable=$number is no task of this array: set it to a number from $first_number to $last_number, to run that task by hand"
task=$scheduler-${array}_$index
[ -z "${writes_log-}" ] || exec >>"$submission/task-${array}_$number.log" 2>&1

place="$(uname -n) $(cat /proc/sys/kernel/random/boot_id 2>/dev/null) $(readlink /proc/self/ns/pid 2>/dev/null)"
child='' warned='' stopped='' unsent='' nagger='' failures=0 again='' began=$SECONDS
export GIMLET_WARNING_SIGNAL=SIG$signal

exec 6<> <(:) 7<> <(:) # a pipe to hear the heartbeat by, and one that nothing ever comes out of
pause() { read -r -t "$1" -u 7; } # SECONDS: without a process of its own, which might outlive us

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; } # TEXT: as one word of a shell

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
	printf '{"v":1,"place":"%s","owner":{"pid":%s,"start":"%s"},%s"attempt":%s,"time":"%s","stale":%s,"by":"%s"}' \
		"$place" $$ "$my_start" "$kid" "$attempt" "$(now)" "$stale" "$task"
}
put() { printf '%-600s\n' "$2" 1<>"$1"; } # FILE TEXT: over what is there, which needs no more of a full disk
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$2" 2>/dev/null; }
lives() { # owner|child FILE
	local pid start
	read -r pid start <<<"$(sed -n "s/.*\"$1\":{\"pid\":\([0-9]*\),\"start\":\"\([0-9]*\)\".*/\1 \2/p" "$2" 2>/dev/null)"
	[ -n "$pid" ] || return 1
	[ "$(start_of "$pid")" = "$start" ] && return 0
	# The group of a job may outlive its first process.
	[ "$1" = child ] && [ ! -e "/proc/$pid" ] && members "$pid" && [ -n "$found" ]
}
is_dead() { # FILE: its owner has died, or has been silent for too long on another machine
	local limit clock age
	if grep -qF "\"place\":\"$place\"" "$1" 2>/dev/null; then
		! lives owner "$1" && ! lives child "$1"
		return
	fi
	limit=$(field stale "$1")
	clock=$1.clock.$$
	: >"$clock" || return 1
	age=$(($(stat -c %Y "$clock") - $(stat -c %Y "$1" 2>/dev/null || stat -c %Y "$clock")))
	rm -f "$clock"
	[ "$age" -gt "${limit:-60}" ]
}
is_mine() { grep -qF "\"place\":\"$place\",\"owner\":{\"pid\":$$,\"start\":\"$my_start\"" "$lease" 2>/dev/null; }
is_foreign() { ! is_mine && grep -q '"owner":' "$lease" 2>/dev/null; }
create_lease() { # 1: there is one. An empty one would be taken for somebody's.
	local new=$lease.$$.new
	if ! put "$new" "$(lease_text)" 2>/dev/null; then
		rm -f "$new"
		fail 4 "$name: $state/leases cannot be written: is the disk full?"
	fi
	if ! ln "$new" "$lease" 2>/dev/null && [ ! -e "$lease" ]; then
		# No hard links here.
		(set -C && cat "$new" >"$lease") 2>/dev/null
	fi
	rm -f "$new"
	is_mine
}
take_lease() { # 1: somebody alive has it
	create_lease && return 0
	is_dead "$lease" || return 1
	# Only who holds this file may remove a lease, and only after looking again: two takers cannot both win.
	if ! (set -C && : >"$lease.takeover") 2>/dev/null; then
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
beat() { # PID: touches the lease; a line whose lease somebody has taken is killed: two writers would be worse
	trap '' USR1 USR2
	# Heard here, too, a signal was sent to all processes of this task.
	trap 'echo >&6' TERM INT HUP
	while :; do
		pause "$((stale > 6 ? stale / 6 : 1))"
		kill -0 $$ 2>/dev/null || exit 0
		if is_foreign; then
			kill -KILL -- "-$1"
			exit 0
		fi
		touch -c "$lease" 2>/dev/null
	done
}

# ---------- signals: the time limit comes near, or the task must end ----------
members() { # GROUP: its living processes into $found
	local folder stat group=$1
	found=''
	for folder in /proc/[0-9]*; do
		{ read -r stat <"$folder/stat"; } 2>/dev/null || continue
		stat=${stat##*) }
		# shellcheck disable=SC2086
		set -- $stat
		case $3$1 in "$group"[ZX]) ;; "$group"?) found="$found ${folder#/proc/}" ;; esac
	done
}
# No command substitution where a trap may come: bash stumbles where two signals come together.
nag() { # GROUP: signals each process in it that handles the warning: any other would die of it
	trap '' USR1 USR2 HUP INT TERM
	local pid name value told=' ' number
	number=$(kill -l "$signal")
	while :; do
		members "$1"
		for pid in $found; do
			case $told in *" $pid "*) continue ;; esac
			value=0
			while read -r name value; do [ "$name" != SigCgt: ] || break; done 2>/dev/null <"/proc/$pid/status"
			(((0x${value:(-8)} >> (number - 1)) & 1)) && kill -s "$signal" "$pid" 2>/dev/null && told="$told$pid "
		done
		# One that has only just begun may not listen yet; one that was told is told again after a while.
		pause 1
		[ $((++rounds % 10)) -ne 0 ] || told=' '
		kill -0 $$ 2>/dev/null || exit 0
	done
}
warn() {
	warned=1
	if [ -n "$child" ] && [ -z "$nagger" ]; then
		nag "$child" </dev/null >/dev/null 2>&1 &
		nagger=$!
	fi
}
forward() { # what has come since the last time, unless the job has been told already
	local name=$unsent
	unsent=''
	[ -z "$name" ] || read -r -t 0.3 -u 6 || kill -s "$name" -- "-$child" 2>/dev/null
}
for name in TERM INT HUP; do
	# shellcheck disable=SC2064
	trap "interrupted=1 stopped=$name unsent=$name" "$name"
done
trap 'interrupted=1; warn' "$signal"
# Whatever else warns is none of ours, and must not end this.
for name in USR1 USR2; do
	[ "$name" = "$signal" ] || trap : "$name"
done

# ---------- one line ----------
is_ok() { grep -qF '"state":"ok"' "$state/ended/$key.json" 2>/dev/null; }

run_command() { # leaves its exit code in $code
	local status beater
	set -m # a process group of its own
	(cd "$cwd" && GIMLET_JOB_KEY=$key GIMLET_JOB_ATTEMPT=$attempt exec "$shell" -c "$script" "$list") \
		</dev/null >>"$log" 2>&1 6>&- 7>&- 8<&- &
	child=$!
	set +m
	put "$lease" "$(lease_text)" || say "$name: its lease cannot be written"
	beat "$child" </dev/null >/dev/null 2>&1 &
	beater=$!
	[ -z "$warned" ] || warn
	[ -z "$stopped" ] || kill -s "$stopped" -- "-$child" 2>/dev/null
	code='' unsent=''
	while read -r -t 0.01 -u 6; do :; done
	while :; do
		interrupted=''
		wait "$child"
		status=$?
		# A trap ends wait with another status; of a process that was waited for nothing more is known.
		[ "$status" = 127 ] && [ -n "$code" ] || code=$status
		[ -n "$interrupted" ] || break
		forward
	done
	# Of a signal to all processes the job may have died first.
	[ "$code" -le 128 ] || [ -n "$warned$stopped" ] || pause 0.3
	# After a signal the last process of a job is its end; else what it leaves behind is left, as by any shell.
	members "$child"
	while [ -n "$found" ] && { [ -n "$warned$stopped" ] || [ "$code" -gt 128 ]; }; do
		pause 0.2
		forward
		members "$child"
	done
	[ -z "$found" ] || say "$name: left running in the background:$found"
	# A shell may have missed the signal that ended a part of its line.
	[ -z "$stopped" ] || [ "$tells" = one ] || [ "$code" != 0 ] || code=143
	kill -KILL "$beater" $nagger 2>/dev/null
	wait "$beater" $nagger 2>/dev/null
	child='' nagger=''
}

run_line() {
	local code begin outcome text script log patience inherited=''
	lease=$state/leases/$key
	file=$state/ended/$key.json
	attempt=$(($(field attempt "$file" || echo 0) + 1))
	until take_lease; do
		[ -n "$said" ] || say "$name: someone else is at it, waiting: $(cat "$lease" 2>/dev/null)"
		said=1
		pause 2
		[ -z "$warned$stopped" ] || return 75
	done
	if is_ok; then
		rm -f "$lease"
		say "$name: finished before"
		return 0
	fi
	script="$guard
"
	[ "$setup" = - ] || script="$script. $(quoted "$submission/$setup")
"
	[ "$long" = - ] || command=". $(quoted "$submission/$long")"
	script=$script$command
	begin=$(now)
	say "$name: attempt $attempt"
	log=$state/logs/$name.$attempt.log
	: >"$log"
	patience=$((SECONDS + 150))
	while :; do
		run_command
		# What a lost node was writing into is refused (exit code 3) until its last sign of life is old enough.
		[ "$code" = 3 ] && [ -n "$inherited" ] && [ -z "$warned$stopped" ] && [ "$SECONDS" -lt "$patience" ] || break
		put "$lease" "$(lease_text)"
		pause 5
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
	text=$(printf '{"v":1,"key":"%s","name":"%s","attempt":%s,"state":"%s","code":%s,"signal":null,"start":"%s","end":"%s","host":"%s","by":"%s"}' \
		"$key" "$name" "$attempt" "$outcome" "$code" "$begin" "$(now)" "$(uname -n)" "$task")
	printf '%s\n' "$text" 2>/dev/null >>"$state/history/$task.jsonl" ||
		say "$name: the history cannot be written; how it ended stands in ended/"
	if ! put "$lease" "$text" || ! mv "$lease" "$file"; then
		fail 4 "$name: $outcome ($code), but that cannot be written down in $state/ended"
	fi
	say "$name: $outcome ($code)"
	case $outcome in ok) return 0 ;; again) return 75 ;; *) return 1 ;; esac
}

# ---------- all lines of this task ----------
first=$((offset + index * per_task + 1))
while IFS=$'\t' read -r -u 8 key name setup long tells guard command; do
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
	# How often this task was run again, and how often in a row within seconds and without being told to end.
	read -r times hasty 2>/dev/null <"$submission/restarts-$index" || times=0 hasty=0
	if [ -n "$warned$stopped" ] || [ "$((SECONDS - began))" -ge 10 ]; then hasty=0; else hasty=$((hasty + 1)); fi
	printf '%s %s\n' "$((times + 1))" "$hasty" 2>/dev/null >"$submission/restarts-$index"
	if [ "$times" -ge "$requeues" ] || [ "$hasty" -gt 5 ]; then
		say "asked to be run again $((times + 1)) times, $hasty times at once: stopping"
		[ "$scheduler" = slurm ] || exit 1
	elif [ -n "$stopped" ]; then
		say "must be run again: jobs status --resubmit"
	else
		[ "$hasty" = 0 ] || pause "$((1 << (hasty - 1)))"
		if requeue; then say "asked to be run again"; else say "must be run again: jobs status --resubmit"; fi
	fi
	exit 75
fi
[ "$failures" = 0 ]
exit
