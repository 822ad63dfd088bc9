# shellcheck shell=bash
# Completion of the tools' options, commands and objects in bash: . scripts/completion.bash, or installed.
# Which options there are, and which take an argument, each tool's --help says.

_sfpipe_objects='Account Campaign Contact Event Lead Opportunity OpportunityContactRole OpportunityFieldHistory
	OpportunityHistory Task User'

# The options of a tool, each as --NAME or --NAME=ARGUMENT; of -X those that it is short for.
_sfpipe_options() {
	"$1" --help 2>/dev/null | case ${2:-} in
	-[a-zA-Z]) sed -nE "s/^  $2, (--[^ ]+).*/\1/p" ;;
	*) sed -nE 's/^  (-[a-zA-Z],|   ) (--[^ ]+).*/\2/p' ;;
	esac
}

# The option as --help has it, if it takes an argument.
_sfpipe_taking() {
	local name=$2
	[[ $name != -[a-zA-Z] ]] || name=$(_sfpipe_options "$1" "$name")
	_sfpipe_options "$1" | grep -m 1 -e "^${name%%=*}="
}

_sfpipe_words() {
	mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

_sfpipe_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# _sfpipe_argument WORD OPTION
_sfpipe_argument() {
	case $2 in
	--consumer=*) _sfpipe_words "$1" 'activity app calls sync' ;;
	--duplicates=*) _sfpipe_words "$1" 'oldest-modified newest-created all' ;;
	--log=*) _sfpipe_words "$1" json ;;
	--only=* | --reset=*) _sfpipe_words "$1" "$_sfpipe_objects" ;;
	--opportunity=RULE) _sfpipe_words "$1" 'closest-activity priority' ;;
	--take=*) _sfpipe_words "$1" 'salesforce local' ;;
	*=FILE) _sfpipe_files "$1" ;;
	*=CMD | *=COMMAND) mapfile -t COMPREPLY < <(compgen -c -- "$1") ;;
	esac
}

# _sfpipe_operand TOOL WORD COMMAND: what is neither an option nor its argument.
_sfpipe_operand() {
	case ${1##*/}:$3 in
	read-email:* | read-invite:* | store-query:copy) _sfpipe_files "$2" ;;
	sf-pull:* | sfpipe-sync:* | store-query:record) _sfpipe_words "$2" "$_sfpipe_objects" ;;
	store-query:)
		_sfpipe_words "$2" 'calls changes conflicts copy emails links ops record rejects status'
		;;
	esac
}

# The first operand before the word that is completed.
_sfpipe_command() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i + 1]}" = = ]; then
			i=$((i + 2)) # --NAME=ARGUMENT is three words to readline
		elif [[ ${COMP_WORDS[i]} != -* ]]; then
			echo "${COMP_WORDS[i]}"
			return
		elif _sfpipe_taking "$1" "${COMP_WORDS[i]}" >/dev/null; then
			i=$((i + 1))
		fi
	done
}

_sfpipe() {
	local before=$3 option
	COMPREPLY=()
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}
	if [[ $before = -* ]] && option=$(_sfpipe_taking "$1" "$before"); then
		_sfpipe_argument "$2" "$option"
	elif [[ $2 = -* ]]; then
		_sfpipe_words "$2" "$(_sfpipe_options "$1" | sed 's/=.*/=/')"
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	else
		_sfpipe_operand "$1" "$2" "$(_sfpipe_command "$1")"
	fi
}

complete -F _sfpipe affected-calls associate-call log-activity merge-participants pair-records \
	quarantine-email read-email read-invite resolve-conflicts sf-pull sf-push sfpipe-sync store-apply \
	store-query
