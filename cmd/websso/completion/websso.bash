# bash completion for websso, with or without the package bash-completion.
#
# The words of the line go to websso as they stand. Nothing on the line is evaluated.

_websso() {
	local kind='' word quote=${COMP_WORDS[COMP_CWORD]:0:1}
	local -a before
	before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
	# A = or : is a word of its own, and then the word at the cursor is still empty.
	[[ -z $2 && $quote == [=:] ]] && before+=("$quote")
	COMPREPLY=()

	while IFS=$'\t' read -r word _; do
		if [[ -z $kind ]]; then
			kind=$word
			continue
		fi
		case $quote in
		\')
			[[ $word == *\'* ]] && continue
			;;
		\")
			[[ $word == *[\"\$\`\\!]* ]] && continue
			;;
		*)
			printf -v word %q "$word"
			;;
		esac
		COMPREPLY+=("$word")
	done < <(command websso __complete "=$2" ${before[@]+"${before[@]}"} 2>/dev/null)

	case $kind in
	words)
		_websso_option +o default
		;;
	commands)
		[[ $2 == */* ]] && return
		while IFS= read -r word; do
			COMPREPLY+=("$word")
		done < <(compgen -A command -- "$2")
		;;
	directories)
		_websso_option -o dirnames
		;;
	esac
}

# The bash of macOS has no compopt. It offers files where there is nothing else.
_websso_option() {
	[[ ${BASH_VERSINFO[0]} -lt 4 ]] || compopt "$@"
}

complete -o default -F _websso websso
