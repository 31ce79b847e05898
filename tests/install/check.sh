# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For the scripts in this folder: one `ok` or `not ok` line a check, in `failed` whether any did, a
# folder that goes away at the end, and where the build under test is installed.

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
group=${0##*/}
prefix=$BUILD_DIR/root
failed=0

# check NAME COMMAND...: ok when the command succeeds; its output is shown when it does not.
check() {
	local name=$1 output

	shift
	if output=$("$@" 2>&1); then
		echo "ok $group: $name"
	else
		echo "not ok $group: $name"
		printf '# %s\n' "${output//$'\n'/$'\n# '}"
		failed=1
	fi
}
