# fish completion for websso.
#
# The words of the line go to websso as they stand. Nothing on the line is evaluated.

function __websso_ask
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    command websso __complete "=$current" $words[2..-1] 2>/dev/null
end

function __websso_offers
    set -l answer (__websso_ask)
    test "$answer[1]" = $argv[1]
end

function __websso_words
    set -l answer (__websso_ask)
    printf '%s\n' $answer[2..-1]
end

function __websso_commands
    # To complete a command, fish expands what is on the line so far, and runs it.
    string match -qr '^[\w./+-]*$' -- (commandline -ct)
    and __fish_complete_command
end

complete -c websso -f
complete -c websso -n '__websso_offers words' -a '(__websso_words)'
complete -c websso -n '__websso_offers files' -F
complete -c websso -n '__websso_offers directories' -a '(__fish_complete_directories)'
complete -c websso -n '__websso_offers commands' -a '(__websso_commands)'
