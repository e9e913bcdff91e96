#!/bin/sh
# Everything a checkout needs: system libraries, a virtual environment, the pinned packages.
# Usage: sh packaging/setup.sh [test|dev]      VENV=folder (default .venv), PYTHON=interpreter
# Does nothing, in well under a second, when all is there already.
set -eu

extra=${1:-}
venv=${VENV:-.venv}
cd "$(dirname "$0")/.."

say() { printf '%s\n' "espalier set-up: $*" >&2; }

# As root, through sudo where it asks nothing, or not at all.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

apt_updated=
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ -z "$apt_updated" ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null 2>&1 || return 1
        apt_updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "$@" >/dev/null 2>&1
}

# System libraries ---------------------------------------------------------------------------
# Qt needs these even when it draws off screen; onnxruntime needs libgomp on some systems.
wanted=""
if [ "$(uname -s)" = Linux ]; then
    for pair in libEGL.so.1:libegl1 libGL.so.1:libgl1 libglib-2.0.so.0:libglib2.0-0 \
        libfontconfig.so.1:libfontconfig1 libdbus-1.so.3:libdbus-1-3 \
        libxkbcommon.so.0:libxkbcommon0; do
        library=${pair%%:*}
        found=
        for folder in /lib /usr/lib /lib64 /usr/lib64 /lib/*-linux-gnu /usr/lib/*-linux-gnu; do
            if [ -e "$folder/$library" ]; then found=yes; break; fi
        done
        [ -n "$found" ] || wanted="$wanted ${pair#*:}"
    done
fi
if [ -n "$wanted" ]; then
    say "installing the system libraries$wanted"
    # shellcheck disable=SC2086 # a list of words is meant
    apt_install $wanted ||
        say "please install them yourself: sudo apt-get install --no-install-recommends$wanted"
fi

# Python -------------------------------------------------------------------------------------
usable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

if ! { [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if command -v "$candidate" >/dev/null 2>&1 && usable "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        say "Python 3.11, 3.12 or 3.13 is needed; on Debian: sudo apt-get install python3 python3-venv"
        exit 1
    fi
    say "making the virtual environment $venv with $python"
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        rm -rf "$venv"
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv" || true
        if ! "$python" -m venv "$venv"; then
            rm -rf "$venv"
            say "Python's venv module is missing; on Debian: sudo apt-get install python$version-venv"
            exit 1
        fi
    fi
fi

# Packages -----------------------------------------------------------------------------------
# A stamp says what was installed and from which versions; each extra contains the one before it.
case "$extra" in
    "") enough="run test dev" ;;
    test) enough="test dev" ;;
    *) enough="dev" ;;
esac
stamp="$venv/.espalier-$(cat pyproject.toml constraints.txt | cksum | tr -d ' \t')"
for have in $enough; do
    if [ -e "$stamp-$have" ]; then exit 0; fi
done
say "installing the packages (the first time this takes some minutes)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
    --editable ".${extra:+[$extra]}"
: >"$stamp-${extra:-run}"
