# Completes papack in fish. What may stand in the place of a word, papack says; fish quotes what is special.
function __papack_complete
    set -l words (commandline -opc) (commandline -ct)
    command papack complete fish -- $words 2>/dev/null
end
complete -c papack -f -k -a '(__papack_complete)'
