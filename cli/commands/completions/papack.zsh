#compdef papack
# Completes papack in zsh. What may stand in the place of a word, papack says; nothing of it is evaluated.
_papack() {
    local line value
    local -a values shown folders
    for line in "${(@f)$(command papack complete zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        if [[ $value == */ ]]; then
            folders+=("$value")
        elif [[ -n $value ]]; then
            values+=("$value")
            shown+=("$value  ${line#*$'\t'}")
        fi
    done
    # In the order of papack. zsh quotes what is special.
    (( $#values )) && compadd -l -V papack -d shown -a values
    (( $#folders )) && compadd -S '' -V folders -a folders
    return 0
}
if [[ ${funcstack[1]} == _papack ]]; then
    _papack "$@"
else
    compdef _papack papack
fi
