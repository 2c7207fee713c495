import { spawnSync } from 'node:child_process'
import { isOnPath, run } from './command.mjs'

/*
 * Debian starts a service after its installation and at every boot, but we only need the programs. Packages run
 * policy-rc.d before they start anything: this one refuses the named services while the installation runs, so it does
 * no harm if it stays behind. An existing policy is left unchanged.
 *
 * $1 packages, $2 services
 */
const SCRIPT = `
export DEBIAN_FRONTEND=noninteractive
packages=$1 services=$2
policy=/usr/sbin/policy-rc.d
if [ -n "$services" ] && [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 130' HUP INT TERM
  {
    printf '#!/bin/sh\\nkill -0 %s 2>/dev/null || exit 0\\n' $$
    for service in $services; do printf 'case " $* " in *" %s "*) exit 101;; esac\\n' $service; done
  } > $policy && chmod 755 $policy || exit 1
fi
install () { apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $packages; }
install || { apt-get -o DPkg::Lock::Timeout=120 update && install; } || exit 1
if [ -n "$services" ] && [ -d /run/systemd/system ]; then systemctl disable --now $services || true; fi
`

/** Whether Debian packages can be installed here without a password. */
export function canAptInstall () {
  return isOnPath('apt-get') && rootPrefix() !== undefined
}

/**
 * Installs Debian packages without starting their services now or at boot. Returns undefined, or the output of a failed
 * apt-get.
 */
export function aptInstall (packages, services) {
  const [command, ...args] = [...rootPrefix(), 'sh', '-c', SCRIPT, 'sh', packages.join(' '), services.join(' ')]
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return status === 0 ? undefined : `${stdout}${stderr}`
}

/** Returns the prefix of a command that needs root: nothing, sudo if it needs no password, or undefined. */
function rootPrefix () {
  if (process.getuid?.() === 0) return []
  return isOnPath('sudo') && run('sudo', ['-n', 'true'], { stdio: 'ignore' }) ? ['sudo', '-n'] : undefined
}
