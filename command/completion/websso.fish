# fish completion for websso.
#
# The words of the line go to websso as they stand. Nothing on the line is evaluated.

function __websso_ask
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    if string match -qr '^[\'"]' -- "$current"
        set current (string sub -s 2 -- "$current")
    else
        set current (string replace -a '\\' '' -- "$current")
    end
    # In --option=value, what is offered are values.
    set -l option (string match -r '^-[^=]*=' -- "$current")
    for line in (command websso __complete $words[2..-1] "$current" 2>/dev/null)
        if string match -qr '^:\d+$' -- "$line"
            echo $line
        else if not string match -q '_activeHelp_ *' -- "$line"
            printf '%s\n' "$option$line"
        end
    end
end

function __websso_offers
    set -l answer (__websso_ask)
    set -l directive (string sub -s 2 -- "$answer[-1]")
    set -l kind files
    if test -z "$directive"; or test (math "$directive % 2") = 1
        set kind nothing
    else if test (math "floor($directive / 16) % 2") = 1
        set kind directories
    else if test (count $answer) -gt 1; or test (math "floor($directive / 4) % 2") = 1
        set kind words
    end
    test $kind = $argv[1]
end

function __websso_words
    set -l answer (__websso_ask)
    printf '%s\n' $answer[1..-2]
end

complete -c websso -f
complete -c websso -n '__websso_offers words' -a '(__websso_words)'
complete -c websso -n '__websso_offers files' -F
complete -c websso -n '__websso_offers directories' -a '(__fish_complete_directories)'
