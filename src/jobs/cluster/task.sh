# shellcheck shell=bash disable=SC2015,SC2154,SC2317
# Runs the lines of one array task, one after the other. The script that the scheduler starts sets these, then
# sources this file:
#   state       the folder with leases, outcomes and logs        submission  the folder with jobs.tsv
#   scheduler   slurm or lsf                                     per_task    lines per task
#   cwd shell   where and in what each line runs                 offset      lines before this array's first
#   list        the list, which its lines know as $0             tasks       tasks of this array
#   signal      by which the scheduler warns of the time limit   stale       seconds after which a silent owner is dead
#   requeues    how often a task may ask to be run again         writes_log  yes: the task has to open its log itself
#   label       the name of this submission                      cpus        cores of a task, where they were asked for
#   environment what was exported before, as commands            warned      set where the warning has come already
# Exit code: 0 all lines ended well, 1 some failed, 2 no such task, 4 the disk is full or read-only, 75 saved its state and
# must be run again.
#
# bash loses its place where a trap runs while it reads a command substitution, and `wait` may miss a process where a
# signal comes. So the main shell has neither once its traps are set: it reads answers from pipes, and what needs more
# is done by processes that no signal ends (see `safely`).
set -u

say() { TZ=UTC0 printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
fail() { # CODE TEXT
	say "$2" >&2
	exit "$1"
}

case $scheduler in
slurm)
	number=${SLURM_ARRAY_TASK_ID-} first_number=0
	variable=SLURM_ARRAY_TASK_ID array=${SLURM_ARRAY_JOB_ID:-by-hand}
	;;
lsf)
	number=${LSB_JOBINDEX-} first_number=1
	variable=LSB_JOBINDEX array=${LSB_JOBID:-by-hand}
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
[ "$writes_log" != yes ] || exec >>"$submission/task-${array}_$number.log" 2>&1

place="$(uname -n) $(cat /proc/sys/kernel/random/boot_id 2>/dev/null) $(readlink /proc/self/ns/pid 2>/dev/null)"
# A submission numbers its tasks through, so no two of them have one slot.
slot=$((offset / per_task + index))
threads=${cpus:-${SLURM_CPUS_ON_NODE-}}
stopped='' unsent='' child='' nagger='' failures=0 again='' began=$SECONDS
every=$((stale > 6 ? stale / 6 : 1))

# Pipes: 6 hears the listener, out of 7 nothing ever comes, 9 brings answers.
exec 6<> <(:) 7<> <(:) 9<> <(:)
pause() { read -r -t "$1" -u 7; } # SECONDS: without a process of its own, which might outlive us

start_of() { # PID: when that process began; nothing where it has ended
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	[ "$1" = Z ] || echo "${20}"
}
my_start=$(start_of $$)

safely() { # FUNCTION ARGUMENT...: in a process that no signal ends; its status
	local status=255 tries=0
	while [ "$status" -gt 128 ] && [ $((++tries)) -le 100 ]; do # a signal came before it was ignored
		(
			trap '' TERM INT HUP USR1 USR2 PIPE
			"$@"
		)
		status=$?
	done
	return "$status"
}

# ---------- the lease of a line: an exclusive file, the same as `jobs run` makes ----------
lease_text() {
	local kid=''
	[ -z "$child" ] || kid="\"child\":{\"pid\":$child,\"start\":\"$(start_of "$child")\"},"
	printf '{"v":1,"place":"%s","owner":{"pid":%s,"start":"%s"},%s"attempt":%s,"time":"%s","stale":%s,"by":"%s","submission":"%s"}' \
		"$place" $$ "$my_start" "$kid" "$attempt" "$(now)" "$stale" "$task" "$label"
}
put() { printf '%-600s\n' "$2" 1<>"$1"; } # FILE TEXT: over what is there, which needs no more of a full disk
first_line() { # FILE: into $REPLY; no process is needed, which a signal could end
	REPLY=''
	{ read -r REPLY <"$1"; } 2>/dev/null
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$2" 2>/dev/null; }
lives() { # owner|child FILE
	local pid start
	read -r pid start <<<"$(sed -n "s/.*\"$1\":{\"pid\":\([0-9]*\),\"start\":\"\([0-9]*\)\".*/\1 \2/p" "$2" 2>/dev/null)"
	[ -n "$pid" ] || return 1
	[ "$(start_of "$pid")" = "$start" ] && return 0
	# The group of a job may outlive its first process.
	[ "$1" = child ] && [ ! -e "/proc/$pid" ] && members "$pid" && [ -n "$found" ]
}
age_of() { # FILE: seconds since it was touched, by the clock of its file system: a file made now is the measure
	local clock=$1.clock.$$
	: >"$clock" || return 1
	echo "$(($(stat -c %Y "$clock") - $(stat -c %Y "$1" 2>/dev/null || stat -c %Y "$clock")))"
	rm -f "$clock"
}
is_kept() { # FILE: the scheduler has the task that owns it, which may be suspended
	local by word comment
	by=$(field by "$1")
	[ "$scheduler" = slurm ] && [ "$by" != "$task" ] && [ "$by" != "${by#slurm-}" ] || return 1
	read -r word comment <<<"$(squeue -h -r -j "${by#slurm-}" -o '%T %k' 2>/dev/null)"
	[ "$(field submission "$1")" = "${comment%.*}" ] || return 1
	case $word in RUNNING | SUSPENDED | STOPPED | COMPLETING) ;; *) return 1 ;; esac
}
is_dead() { # FILE: its owner has died, or has been silent for too long on another machine
	local limit
	first_line "$1"
	case $REPLY in
	*"\"place\":\"$place\""*)
		! lives owner "$1" && ! lives child "$1"
		return
		;;
	esac
	limit=$(field stale "$1")
	[ "$(age_of "$1")" -gt "${limit:-60}" ] && ! is_kept "$1"
}
is_mine() {
	first_line "$lease"
	case $REPLY in *"\"place\":\"$place\",\"owner\":{\"pid\":$$,\"start\":\"$my_start\""*) ;; *) return 1 ;; esac
}
is_foreign() {
	is_mine && return 1
	case $REPLY in *'"owner":'*) ;; *) return 1 ;; esac
}
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
		[ "$(age_of "$lease.takeover")" -le 120 ] || rm -f "$lease.takeover"
		return 1
	fi
	local taken=1
	if is_dead "$lease"; then
		attempt=$(($(field attempt "$lease") + 1))
		grep -qF "\"place\":\"$place\"" "$lease" || inherited=yes
		rm -f "$lease"
		create_lease && taken=0
	fi
	rm -f "$lease.takeover"
	return "$taken"
}
is_ok() { grep -qF '"state":"ok"' "$state/ended/$key.json" 2>/dev/null; }
take() { # 0 taken: answers with the attempt, whether from a lost node, and the time; 1 somebody has it; 5 ended well before
	local attempt inherited=no
	is_ok && return 5
	attempt=$(($(field attempt "$file") + 1))
	take_lease || return 1
	if is_ok; then
		rm -f "$lease"
		return 5
	fi
	echo "$attempt $inherited $(now)" >&9
}
name_child() { is_mine && put "$lease" "$(lease_text)"; }
beat() { # touches the lease; a line whose lease somebody has taken is killed: two writers would be worse
	[ "$((SECONDS - beaten))" -ge "$every" ] || return 0
	beaten=$SECONDS
	if is_foreign; then
		say "$name: its lease belongs to somebody else: $REPLY"
		kill -KILL -- "-$child" 2>/dev/null
	else
		touch -c "$lease" 2>/dev/null
	fi
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
nag() { # GROUP: signals each process in it that handles the warning: any other would die of it
	trap '' USR1 USR2 HUP INT TERM
	local pid name value told=' ' number rounds=0
	number=$(kill -l "$signal")
	while members "$1" && [ -n "$found" ]; do
		for pid in $found; do
			case $told in *" $pid "*) continue ;; esac
			value=0
			while read -r name value; do [ "$name" != SigCgt: ] || break; done 2>/dev/null <"/proc/$pid/status"
			(((0x${value:(-8)} >> (number - 1)) & 1)) && kill -s "$signal" "$pid" 2>/dev/null && told="$told$pid "
		done
		# One that has only just begun may not listen yet; one that was told is told again after a while.
		pause 1
		[ $((++rounds % 10)) -ne 0 ] || told=' '
	done
}
listen() { # PARENT: heard here, too, a signal was sent to all processes of this task, or of the group of its line
	trap '' USR1 USR2
	trap 'echo >&6' TERM INT HUP
	while kill -0 "$1" 2>/dev/null; do pause 1; done
}
pass_on() { # to the line: what has come and it has not been told
	local unheard=$unsent
	unsent=''
	[ -z "$unheard" ] || read -r -t 0.3 -u 6 || kill -s "$unheard" -- "-$child" 2>/dev/null
	if [ -n "$warned" ] && { [ -z "$nagger" ] || ! kill -0 "$nagger" 2>/dev/null; }; then
		nag "$child" </dev/null >/dev/null 2>&1 &
		nagger=$!
	fi
	# Taken back by `jobs cancel`, while the other lines of this task go on.
	if [ -z "$dropped" ] && [ -e "$submission/cancelled/$key" ]; then
		dropped=yes
		kill -TERM -- "-$child" 2>/dev/null
	fi
}
for name in TERM INT HUP; do
	# shellcheck disable=SC2064
	trap "stopped=$name unsent=$name" "$name"
done
# Whatever else warns is none of ours, and must not end this; nor must a reader of what it says that has gone.
for name in USR1 USR2 PIPE; do trap : "$name"; done
# shellcheck disable=SC2064
trap 'warned=1' "$signal"

# ---------- one line ----------
supervise() { # answers with the exit code of the line
	local listener
	trap : TERM INT HUP USR1 USR2
	listen "$BASHPID" </dev/null >/dev/null 2>&1 &
	listener=$!
	set -- "$shell" "$script" "$list" "$cwd" "$key" "$attempt" "$slot" "$threads" "SIG$signal" "$listener"
	exec 5>&2 2>/dev/null # where bash says which signal has ended a program
	# Names of ours may be names of the user's.
	eval "$environment"
	export GIMLET_JOB_KEY=$5 GIMLET_JOB_ATTEMPT=$6 GIMLET_JOB_SLOT=$7 GIMLET_WARNING_SIGNAL=$9
	[ -n "${OMP_NUM_THREADS-}" ] || [ -z "$8" ] || export OMP_NUM_THREADS=$8
	cd "$4" 2>&5 && "$1" -c "$2" "$3" 2>&5 5>&- 6>&- 7>&- 9>&-
	set -- "$?" "${10}"
	kill -KILL "$2"
	wait "$2"
	echo "=$1=" >&9
}
run_command() { # leaves its exit code in $code
	local answer='' part rest
	code='' beaten=$SECONDS
	while read -r -t 0.01 -u 6; do :; done
	set -m # a process group of its own
	supervise </dev/null >>"$log" 2>&1 8<&- &
	child=$!
	set +m
	safely name_child || say "$name: its lease cannot be written"
	while [ -z "$code" ]; do
		# A time-out may leave a part of an answer.
		part='' rest=''
		if ! read -r -t 0.5 -u 9 part && ! kill -0 "$child" 2>/dev/null; then
			read -r -t 0.2 -u 9 rest || code=137
		fi
		answer=$answer$part$rest
		case $answer in *=*=*) code=${answer#*=} code=${code%%=*} ;; esac
		pass_on
		beat
	done
	# Of a signal to all processes the line may have died first.
	[ "$code" -le 128 ] || [ -n "$warned$stopped$dropped" ] || pause 0.3
	# After a signal the last process of a line is its end; else what it leaves behind is left, as by any shell.
	members "$child"
	while [ -n "$found" ] && { [ "$code" -gt 128 ] || [ -n "$warned$stopped$dropped" ] || kill -0 "$child" 2>/dev/null; }; do
		pause 0.1
		pass_on
		beat
		members "$child"
	done
	[ -z "$found" ] || say "$name: left running in the background:$found"
	# A shell may have missed the signal that ended a part of its line.
	[ -z "$stopped$dropped" ] || [ "$tells" = one ] || [ "$code" != 0 ] || code=143
	child='' nagger=''
}

truth() { [ -n "$1" ] && echo true || echo false; }
settle() { # what is left of the line: how it ended
	local outcome text
	case $code in
	0) outcome=ok ;;
	75) outcome=again ;;
	*)
		outcome=failed
		[ -z "$stopped$dropped" ] || outcome=interrupted
		[ -z "$warned" ] || [ "$code" -le 128 ] || outcome=interrupted
		;;
	esac
	# What has been finished is finished, also by a task that was taken for dead meanwhile.
	if ! is_mine && ! { [ "$outcome" = ok ] && create_lease; }; then
		say "$name: lost its lease"
		return 1
	fi
	text=$(printf '{"v":1,"key":"%s","name":"%s","attempt":%s,"state":"%s","code":%s,"signal":null,"start":"%s","end":"%s","host":"%s","by":"%s","submission":"%s","warned":%s,"stopped":%s}' \
		"$key" "$name" "$attempt" "$outcome" "$code" "$begin" "$(now)" "$(uname -n)" "$task" "$label" \
		"$(truth "$warned")" "$(truth "$stopped$dropped")")
	printf '%s\n' "$text" 2>/dev/null >>"$state/history/$task.jsonl" ||
		say "$name: the history cannot be written; how it ended stands in ended/"
	if ! put "$lease" "$text" || ! mv "$lease" "$file"; then
		fail 4 "$name: $outcome ($code), but that cannot be written down in $state/ended"
	fi
	say "$name: $outcome ($code)"
	case $outcome in ok) return 0 ;; again) return 75 ;; *) return 1 ;; esac
}

quote() { REPLY="'${1//\'/\'\\\'\'}'"; } # TEXT: as one word of a shell, into $REPLY

run_line() {
	local status inherited begin='' script log patience said=''
	lease=$state/leases/$key file=$state/ended/$key.json dropped='' attempt=1
	while :; do
		safely take
		status=$?
		case $status in
		0) break ;;
		5) say "$name: finished before" && return 0 ;;
		1) ;;
		*) exit "$status" ;;
		esac
		first_line "$lease"
		[ -n "$said" ] || say "$name: someone else is at it, waiting: $REPLY"
		said=1
		pause 2
		[ -z "$warned$stopped" ] || return 75
	done
	until [ -n "$begin" ]; do read -r -u 9 attempt inherited begin; done
	script="$guard
"
	if [ "$setup" != - ]; then
		quote "$submission/$setup"
		script="$script. $REPLY
"
	fi
	if [ "$long" != - ]; then
		quote "$submission/$long"
		command=". $REPLY"
	fi
	script=$script$command
	say "$name: attempt $attempt"
	log=$state/logs/$name.$attempt.log
	{ : >"$log"; } 2>/dev/null || log=/dev/null
	patience=$((SECONDS + 150))
	while :; do
		run_command
		# What a lost node was writing into is refused (exit code 3) until its last sign of life is old enough.
		[ "$code" = 3 ] && [ "$inherited" = yes ] && [ -z "$warned$stopped" ] && [ "$SECONDS" -lt "$patience" ] || break
		safely name_child
		pause 5
	done
	safely settle
	status=$?
	[ "$status" != 4 ] || exit 4
	[ -z "$dropped" ] || return 0
	return "$status"
}

# ---------- all lines of this task ----------
first=$((offset + index * per_task + 1))
exec 8< <(trap '' TERM INT HUP USR1 USR2 && sed -n "$first,$((first + per_task - 1))p" "$submission/jobs.tsv")
while IFS=$'\t' read -r -u 8 key name setup long tells guard command; do
	if [ -n "$warned$stopped" ]; then
		again=1
		break
	fi
	if [ -e "$submission/cancelled/$key" ]; then
		say "$name: cancelled"
		continue
	fi
	run_line
	case $? in 0) ;; 75) again=1 ;; *) failures=$((failures + 1)) ;; esac
done

requeue() { # always task by task: a bare array id would requeue them all; one that was cancelled meanwhile stays so
	[ "$scheduler" = slurm ] || return 0 # exit code 75 does it
	command -v scontrol >/dev/null || return 1
	case $(squeue -h -j "${array}_$number" -o %T 2>/dev/null | tail -n 1) in
	'' | RUNNING | STOPPED | SUSPENDED) scontrol requeue "${array}_$number" ;;
	*) return 1 ;;
	esac
}
ask_again() { # 1: this was often enough
	local times hasty
	# How often this task was run again, and how often in a row within seconds and without being told to end.
	read -r times hasty 2>/dev/null <"$submission/restarts-$index" || times=0 hasty=0
	if [ -n "$warned$stopped" ] || [ "$((SECONDS - began))" -ge 10 ]; then hasty=0; else hasty=$((hasty + 1)); fi
	printf '%s %s\n' "$((times + 1))" "$hasty" 2>/dev/null >"$submission/restarts-$index"
	if [ "$times" -ge "$requeues" ] || [ "$hasty" -gt 5 ]; then
		say "asked to be run again $((times + 1)) times, $hasty times at once: stopping"
		return 1
	elif [ -n "$stopped" ]; then
		say "must be run again: jobs status --resubmit"
	else
		[ "$hasty" = 0 ] || pause "$((1 << (hasty - 1)))"
		if requeue; then say "asked to be run again"; else say "must be run again: jobs status --resubmit"; fi
	fi
}
if [ -n "$again" ]; then
	# Asking for the requeue brings a signal.
	safely ask_again || [ "$scheduler" = slurm ] || exit 1
	exit 75
fi
[ "$failures" = 0 ]
exit
