# Part of ./lab: makes sure that the packages of cmake/packages.txt are there.
#
# Nothing is installed that was not named, with its reason, before. Without the rights to install,
# the list is printed for an administrator. LAB_SETUP=skip turns the check off, for machines whose
# packages come from elsewhere.

package_list=$root/cmake/packages.txt

# The packages of the groups named, one a line.
packages_of() {
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' "$package_list"
  done
}

package_groups() { awk '!/^#/ && NF { print $1 }' "$package_list" | uniq; }

# Those of the packages named that are not installed, one a line.
missing_packages() {
  local installed
  installed=$({ dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
    awk '$2 == "installed" { print $1 }')  # dpkg-query fails when it does not know one of them
  printf '%s\n' "$@" | grep -vxF -e "${installed:--}" || true
}

# What a configured build depends on: changes when a package comes or goes.
installed_packages() {
  local packages
  mapfile -t packages < <(packages_of $(package_groups))
  { dpkg-query -W -f='${Package}=${Version} ${db:Status-Status}\n' "${packages[@]}" || true; } \
    2>/dev/null | sort
}

explain_packages() {
  awk 'NR == FNR { want[$1]; next } ($2 in want) { name = $2; $1 = $2 = ""
       printf "  %-22s%s\n", name, $0 }' <(printf '%s\n' "$@") "$package_list" >&2
}

# Runs apt-get with the rights it needs: as_root COMMAND...
as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q)
  local install=("${apt[@]}" install -y --no-install-recommends "$@")
  if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
    as_root "${install[@]}" && return
    say "Trying again with fresh package lists."
  fi
  as_root "${apt[@]}" update && as_root "${install[@]}"
}

refuse_setup() {  # refuse_setup WHY PACKAGE...
  local why=$1
  shift
  say "$why Please have an administrator run:"
  printf '  apt-get install --no-install-recommends %s\n' "$*" >&2
  exit 1
}

# ensure_packages GROUP...: installs what is missing of the groups.
ensure_packages() {
  [[ ${LAB_SETUP:-} != skip ]] || return 0
  local packages missing
  mapfile -t packages < <(packages_of "$@")
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This machine is no Debian or relative of it, so ./lab cannot install what it needs:"
    explain_packages "${packages[@]}"
    say "Install these by other means and set LAB_SETUP=skip, or use .devcontainer/Dockerfile."
    exit 1
  fi
  mapfile -t missing < <(missing_packages "${packages[@]}")
  ((${#missing[@]})) || return 0
  say "These Debian packages are needed and will be installed with apt-get:"
  explain_packages "${missing[@]}"
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    refuse_setup "You are not root and there is no sudo." "${missing[@]}"
  fi
  apt_install "${missing[@]}" >&2 || refuse_setup "The installation failed." "${missing[@]}"
}
