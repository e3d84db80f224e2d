# bash completion for websso, with or without the package bash-completion.
#
# The words of the line go to websso as they stand. Nothing on the line is evaluated.

_websso() {
	local word current=$2 quote=${COMP_WORDS[COMP_CWORD]:0:1} joined='' glue='' target='' option='' directive
	local -a before answer
	before=() answer=() COMPREPLY=()
	case $current in
	\'* | \"*) current=${current:1} ;;
	*) current=${current//\\/} ;;
	esac

	# A = or : is a word of its own, and then the word at the cursor is still empty.
	local -a words
	words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
	[[ -z $2 && $quote == [=:] ]] && words+=("$quote")
	for word in ${words[@]+"${words[@]}"}; do
		if [[ -n $target ]]; then
			target=''
		elif [[ $word =~ ^([0-9]*|&)(>>|>\||>&|&>|>|<<<|<<-|<<|<>|<&|<)(.*)$ ]]; then
			[[ -z ${BASH_REMATCH[3]} ]] && target=1
		elif [[ ${#before[@]} -gt 0 && ( -n $glue || $word == [=:] ) ]]; then
			before[${#before[@]}-1]+=$word
			glue=''
			[[ $word == [=:] ]] && glue=1
		else
			case $word in
			\'*\' | \"*\") word=${word:1:${#word}-2} ;;
			*) word=${word//\\/} ;;
			esac
			before+=("$word")
		fi
	done
	[[ -n $target ]] && return
	if [[ -n $glue ]]; then
		joined=${before[${#before[@]}-1]}
		unset "before[${#before[@]}-1]"
		current=$joined$current
	fi

	while IFS= read -r word; do
		answer+=("$word")
	done < <(command websso __complete ${before[@]+"${before[@]}"} "$current" 2>/dev/null)
	[[ ${#answer[@]} -gt 0 ]] || return
	directive=${answer[${#answer[@]}-1]#:}
	unset "answer[${#answer[@]}-1]"

	# In --option=value, what is offered are values.
	if [[ $current == -*=* ]]; then
		option=${current%%=*}=
		current=${current#*=}
	fi
	for word in ${answer[@]+"${answer[@]}"}; do
		word=${word%%$'\t'*}
		[[ $word == "$current"* && $word != '_activeHelp_ '* ]] || continue
		word=$option$word
		word=${word#"$joined"}
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
	done

	((directive & 2)) && _websso_option -o nospace
	if ((directive & 16)); then
		_websso_option -o dirnames
	elif ((directive & 5 || ${#answer[@]} > 0)); then
		_websso_option +o default
	fi
}

# The bash of macOS has no compopt. It offers files where there is nothing else.
_websso_option() {
	[[ ${BASH_VERSINFO[0]} -lt 4 ]] || compopt "$@"
}

complete -o default -F _websso websso
