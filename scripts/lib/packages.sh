# Debian packages that are missing, installed without starting anything. Sourced, not run; needs report.sh.

PATH=$PATH:/usr/sbin:/sbin # where servers live, and where an ordinary user's PATH does not look
postgres_homes=/usr/lib/postgresql # where Debian keeps PostgreSQL, by its version

# has PROGRAM…: are they all there?
has() {
  local program
  for program in "$@"; do command -v "$program" > /dev/null || return 1; done
}

# can_install: may this user install packages on this system?
can_install() { [ "$(id -u)" = 0 ] && has apt-get dpkg; }

# install_packages PACKAGE…: installs them on Debian, as root.
#
# One at a time on the machine, since two runs would take each other's guard away. `--no-remove`: where a package would
# drive out another one (a MySQL that somebody uses), apt refuses and so do we.
install_packages() {
  note "installing $*"
  (
    flock 9
    guard=/usr/sbin/policy-rc.d
    mark='# usermgmt: no service starts while its tests install packages'
    log=$(mktemp)
    # invoke-rc.d asks this file; 101 means "do not start". Many container images bring one of their own.
    if [ ! -e "$guard" ] || grep -qsF "$mark" "$guard"; then
      trap 'rm -f "$guard" "$log"' EXIT
      printf '#!/bin/sh\n%s\nexit 101\n' "$mark" > "$guard"
      chmod 755 "$guard"
    else
      trap 'rm -f "$log"' EXIT
    fi
    if [ -z "$(find /var/lib/apt/lists -name '*Packages*' -mmin -1440 2> /dev/null | head -n 1)" ]; then
      apt-get update -qq > "$log" 2>&1 || { tail -n 5 "$log" >&2; exit 1; }
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove \
      -o DPkg::Lock::Timeout=300 "$@" > "$log" 2>&1 || { tail -n 5 "$log" >&2; exit 1; }
  ) 9> /var/lock/usermgmt-packages.lock < /dev/null
}

# need PACKAGES PROGRAM…: makes sure that the programs are there, by installing PACKAGES (one word list) where allowed.
# Fails, with the reason in $missing, where it may not.
need() {
  local packages=$1
  shift
  has "$@" && return 0
  missing="$* not found (Debian: apt-get install $packages)"
  can_install || return 1
  # shellcheck disable=SC2086 # a list of words
  install_packages $packages && has "$@"
}

# in_turn LOCK COMMAND…: runs COMMAND while no other run on this machine does so with that file. What COMMAND starts holds
# the lock too, so nothing of a run that was killed still writes once we have it.
in_turn() {
  local lock status=0
  missing="$1 cannot be locked"
  exec {lock}> "$1" && flock "$lock" || return 1
  shift
  "$@" || status=$?
  exec {lock}>&-
  return "$status"
}

# from_pypi PACKAGE VERSION [NEEDED==VERSION…]: prints the folder of its programs, which hold a tool that Debian does not have.
# Nothing comes along that is not named, so what a tool needs is named in one version, too. Kept beside what cargo builds, in
# whole or not at all, also when others want it at the same time.
from_pypi() {
  local tools=${CARGO_TARGET_DIR:-target}/tools
  mkdir -p "$tools" && in_turn "$tools/$1-$2.lock" make_venv "$tools/$1-$2" "$@" || return 1
  echo "$tools/$1-$2/bin"
}

# make_venv DIR PACKAGE VERSION [NEEDED==VERSION…]: where it has to stay, as a venv cannot be moved; so a file in it says that it
# is whole, and what came along.
make_venv() {
  [ ! -e "$1/whole" ] || [ "$(cat "$1/whole")" != "${*:4}" ] || return 0
  need "python3 python3-venv" python3 || die "$missing"
  # Debian's python3 may come without what makes a venv.
  if ! python3 -c 'import ensurepip' 2> /dev/null && can_install; then install_packages python3-venv; fi
  note "installing $2 $3 in $1"
  python3 -m venv --clear "$1" >&2 || die "python3 cannot make a venv (Debian: apt-get install python3-venv)"
  "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: "$2==$3" "${@:4}" >&2 \
    || die "$2 $3 cannot be had from PyPI"
  echo "${*:4}" > "$1/whole"
}
