# Programs of another Debian, unpacked into a directory and not installed. Sourced, not run; needs report.sh and packages.sh.

# whole DIR COMMAND…: makes DIR, once, by COMMAND… DIR.part; whole or not at all, however this ends and whoever else tries
# at the same time. Nobody writes to DIR afterwards, so nobody needs a lock to read it.
whole() {
  [ ! -d "$1" ] || return 0
  mkdir -p "$(dirname "$1")" && in_turn "$1.lock" make_whole "$@"
}

make_whole() {
  local dir=$1
  shift
  [ ! -d "$dir" ] || return 0
  rm -rf "$dir.part"
  mkdir -m 755 "$dir.part" || return 1
  if "$@" "$dir.part" < /dev/null; then mv "$dir.part" "$dir"; else rm -rf "$dir.part"; return 1; fi
}

# unpack_sid PACKAGES DIR: unpacks PACKAGES (one word list) of Debian's unstable suite into DIR with everything they need,
# down to libc. Needs no root, runs no maintainer script, and changes nothing else: a private apt, which knows only that
# suite and believes that nothing is installed.
unpack_sid() {
  local packages=$1 dir=$2 apt=$2/.apt keyring mirror deb
  missing="no apt-get, or no keys of Debian, to unpack $packages from its unstable suite"
  has apt-get dpkg-deb || return 1
  keyring=$(printf '%s\n' /usr/share/keyrings/debian-archive-keyring.[gp]*[gp] | head -n 1)
  [ -e "$keyring" ] || return 1
  note "fetching $packages from Debian's unstable suite (once)"
  # The mirror that this machine uses, as its network may know no other.
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' 2> /dev/null | head -n 1)
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/none"
  : > "$apt/status"
  echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} sid main" > "$apt/sources.list"
  cat > "$apt/conf" << END
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/none";
Dir::Etc::preferences "$apt/none/no";
Dir::Etc::preferencesparts "$apt/none";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Debug::NoLocking "true";
END
  # shellcheck disable=SC2086 # a list of words
  (
    export APT_CONFIG=$apt/conf LC_ALL=C
    # apt-get takes an index that it could not fetch for a warning.
    apt-get update -qq -o APT::Update::Error-Mode=any \
      && apt-get install -y -qq --download-only $packages
  ) > "$apt/log" 2>&1 || {
    missing="Debian's unstable suite does not give $packages ($(sed -n 's/^[EW]: //p' "$apt/log" | head -n 1))"
    return 1
  }
  for deb in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$dir" || return 1; done
  rm -rf "$apt" "$dir"/usr/share/{doc,man,locale,info}
}
