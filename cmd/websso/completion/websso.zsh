#compdef websso
# zsh completion for websso.
#
# The words of the line go to websso as they stand. Nothing on the line is evaluated.

_websso() {
	local line word
	local -a answer offered
	answer=("${(@f)$(command websso __complete "=$PREFIX" "${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
	if [[ $answer[1] != words && $PREFIX == *[\`\;\&\|\<\>\(\)]* ]]; then
		# Completing a path, zsh expands what comes before its last slash, and runs it.
		return 1
	fi
	case $answer[1] in
	words)
		for line in "${(@)answer[2,-1]}"; do
			word=${line%%$'\t'*}
			word=${word//\\/\\\\}
			offered+=("${word//:/\\:}:${line#*$'\t'}")
		done
		_describe -t words websso offered
		;;
	commands)
		_command_names -e
		;;
	directories)
		_files -/
		;;
	*)
		_files
		;;
	esac
}

# As a file in fpath this is the body of _websso itself.
if [[ $funcstack[1] == _websso ]]; then
	_websso "$@"
elif (( $+functions[compdef] )); then
	compdef _websso websso
fi
