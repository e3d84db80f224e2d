#compdef websso
# zsh completion for websso.
#
# The words of the line go to websso as they stand. Nothing on the line is evaluated.

_websso() {
	local line word
	local -a answer offered space
	local -i directive
	answer=("${(@f)$(command websso __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
	[[ $answer[-1] == :<-> ]] || return 1
	directive=${answer[-1]#:}
	answer[-1]=()
	(( directive & 1 )) && return 1

	# In --option=value, what is offered are values.
	[[ $PREFIX == -*=* ]] && compset -P 1 '*='
	for line in "${(@)answer}"; do
		[[ $line == '_activeHelp_ '* ]] && continue
		word=${line%%$'\t'*}
		word=${${word//\\/\\\\}//:/\\:}
		[[ $line == *$'\t'* ]] && word+=:${line#*$'\t'}
		offered+=("$word")
	done
	if (( $#offered )); then
		(( directive & 2 )) && space=(-S '')
		_describe -t words websso offered $space
		return
	fi
	(( directive & 4 )) && return 1
	# Completing a path, zsh expands what comes before its last slash, and runs it.
	[[ $PREFIX == *[\`\;\&\|\<\>\(\)]* ]] && return 1
	if (( directive & 16 )); then
		_files -/
	else
		_files
	fi
}

# As a file in fpath this is the body of _websso itself.
if [[ $funcstack[1] == _websso ]]; then
	_websso "$@"
elif (( $+functions[compdef] )); then
	compdef _websso websso
fi
