# Completes papack in bash. What may stand in the place of a word, papack says; nothing of it is evaluated.
_papack() {
    local line value word=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        case $word in
            # Between quotes only what needs no further ones.
            \"*) [[ $value == *[\"\$\`\\!]* ]] || COMPREPLY+=("$value") ;;
            \'*) [[ $value == *\'* ]] || COMPREPLY+=("$value") ;;
            *) COMPREPLY+=("$(printf '%q' "$value")") ;;
        esac
    done < <(command papack complete bash -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
    if type compopt >/dev/null 2>&1; then
        # In the order of papack, where bash can.
        compopt -o nosort 2>/dev/null
        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace
    fi
    return 0
}
complete -F _papack papack
