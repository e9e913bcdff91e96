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
        apt_updated=no
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null 2>&1 || return 1
        apt_updated=yes
    fi
    [ "$apt_updated" = yes ] || return 1
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "$@" >/dev/null 2>&1
}

# Names of what is not there, out of pairs library:package.
missing() {
    absent=""
    for pair in "$@"; do
        library=${pair%%:*}
        found=
        for folder in /lib /usr/lib /lib64 /usr/lib64 /lib/*-linux-gnu /usr/lib/*-linux-gnu; do
            if [ -e "$folder/$library" ]; then found=yes; break; fi
        done
        [ -n "$found" ] || absent="$absent ${pair#*:}"
    done
    printf '%s' "$absent"
}

# System libraries ---------------------------------------------------------------------------
# Qt needs these even when it draws off screen; onnxruntime needs libgomp on some systems.
wanted=""
if [ "$(uname -s)" = Linux ]; then
    wanted=$(missing libEGL.so.1:libegl1 libGL.so.1:libgl1 libglib-2.0.so.0:libglib2.0-0 \
        libfontconfig.so.1:libfontconfig1 libdbus-1.so.3:libdbus-1-3 \
        libxkbcommon.so.0:libxkbcommon0)
fi
if [ -n "$wanted" ]; then
    say "installing the system libraries$wanted"
    # shellcheck disable=SC2086 # a list of words is meant
    apt_install $wanted ||
        say "please install them yourself: sudo apt-get install --no-install-recommends$wanted"
fi

# A window on a display needs more, and the detailed graph (Qt WebEngine) more still. Tests draw
# off screen and do without. This is tried once: without the last ones the graph is a simple one.
window_libraries() {
    [ "$(uname -s)" = Linux ] && [ -z "$extra" ] || return 0
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || return 0
    [ ! -e "$venv/.espalier-window" ] || return 0
    wanted=$(missing libxcb-cursor.so.0:libxcb-cursor0 libxcb-icccm.so.4:libxcb-icccm4 \
        libxcb-keysyms.so.1:libxcb-keysyms1 libxcb-xkb.so.1:libxcb-xkb1 \
        libxkbcommon-x11.so.0:libxkbcommon-x11-0 libxcb-randr.so.0:libxcb-randr0 \
        libxcb-shape.so.0:libxcb-shape0 libX11-xcb.so.1:libx11-xcb1 \
        libnss3.so:libnss3 libasound.so.2:libasound2 libXcomposite.so.1:libxcomposite1 \
        libXdamage.so.1:libxdamage1 libXrandr.so.2:libxrandr2 libXtst.so.6:libxtst6 \
        libxkbfile.so.1:libxkbfile1 libgbm.so.1:libgbm1)
    if [ -z "$(find /usr/share/fonts -iname '*cjk*' -o -iname 'wqy*' 2>/dev/null | head -n 1)" ]; then
        wanted="$wanted fonts-wqy-microhei"
    fi
    if [ -n "$wanted" ]; then
        say "installing what the window needs:$wanted"
        refused=""
        # shellcheck disable=SC2086 # a list of words is meant
        if ! apt_install $wanted; then
            for package in $wanted; do # newer systems call some of them …t64
                apt_install "$package" || apt_install "${package}t64" || refused="$refused $package"
            done
        fi
        [ -z "$refused" ] ||
            say "for the window please install: sudo apt-get install --no-install-recommends$refused"
    fi
    : >"$venv/.espalier-window"
}

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

window_libraries

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
