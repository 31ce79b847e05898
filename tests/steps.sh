# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# The steps of ./check, in the order in which they run: a line in `steps`, a function step_NAME.
# A step prints a line that begins with `ok `, `not ok ` or `skip ` for each thing that it tests,
# and may print anything else. It stands alone: it builds what it needs, which costs nothing when
# a step before it has done so.
#
# The scripts called here find in their environment: SRC_DIR, the snapshot of the sources; BUILD_DIR,
# the folder of the build under test; BUILD_ROOT, where all build folders are; FILTERD, the installed
# program under test, and FILTERD_PLUGINS, the folder of its plugins.

# shellcheck disable=SC2034
steps=(
	'packages    what the build and the tests need is installed'
	'lists       every test is in its list; sizes and licence lines'
	'build       gcc, all warnings as errors'
	'unit        unit tests'
	'config      configuration errors against their golden texts'
	'scenario    scenarios over the real socket, with our MTA-side driver'
	'dmarc       DMARC, Authentication-Results, and the chain of both, through filterd test'
	'daemon      how the daemon starts, is watched and stops'
	'page        the admin page in headless Chromium'
	'clamav      the plugin clamav with a real clamd, and with servers that misbehave'
	'soak        half a minute of full load: nothing grows, and growth would be noticed'
	'miltertest  miltertest as an independent MTA side'
	'postfix     end to end through a real Postfix'
	'sendmail    end to end through a real Sendmail'
	'dns         DNSSEC and recursion, with zones signed here and served by NSD'
	'doctor      filterd doctor on MTA configurations with one fault each'
	'install     what make install lays down, how it is hardened, and its systemd units'
	'package     the Debian packages are built, right, and of use'
	'header      plugin.h alone, as C and as C++'
	'abi         a plugin built from the first plugin.h is loaded, and works, for ever'
	'example     plugins built out of tree: the examples, and what filterd new-plugin writes'
	'judge       filterd test on files, folders and mailboxes'
	'suites      published conformance suites, where they are at hand'
	'signing     keys, and signatures and seals of ours on real mail, held against others'
	'attachments what the attachments plugin does to mail, and to mail that evades filters'
	'footer      footers in texts and HTML, as mail programs read them'
	'corpus      real mail that the chain leaves alone arrives as it was'
	'mime        the MIME view against published messages, of which some hide what they carry'
	'docs        pages printed from option tables, manual pages, and what --help says'
	'contrib     dashboard and alerts ask for what filterd prints, and the alerts fire'
	'distcheck   the released tar file is whole, builds and passes'
	'asan        unit, config, scenario and daemon tests and the MIME view under ASan and UBSan'
	'tsan        unit, scenario and daemon tests under TSan'
	'fuzz        each fuzz target for FUZZ_SECONDS (3)'
)

# Steps that keep the processors busy, each in build folders of its own: they run beside the others,
# which mostly wait.
# shellcheck disable=SC2034
computing_steps=(distcheck asan tsan fuzz)

# Building

# build NAME CONFIGURE-ARGUMENT...: builds in $BUILD_ROOT/NAME, the test programs too, and installs
# into a fresh $BUILD_ROOT/NAME/root, so that the tests run filterd as it runs for its users.
build() {
	BUILD_DIR=$BUILD_ROOT/$1
	"$SRC_DIR/tests/build" "$@" --enable-werror -- test-programs || return 1
	rm -rf "$BUILD_DIR/root"
	make -C "$BUILD_DIR" --no-print-directory -s install >/dev/null
}

build_gcc() {
	build gcc CC=gcc
}

# run_script SCRIPT [ARGUMENT...]: SCRIPT is relative to the sources.
run_script() {
	local script=$SRC_DIR/$1

	shift
	if [ ! -x "$script" ]; then
		echo "not ok ${script#"$SRC_DIR/"}: it is missing or cannot be executed"
		return 1
	fi
	export SRC_DIR BUILD_DIR BUILD_ROOT
	export FILTERD=$BUILD_DIR/root/sbin/filterd FILTERD_PLUGINS=$BUILD_DIR/root/lib/filterd
	"${UNDER[@]}" "$script" "$@"
}

# labelled LABEL COMMAND...: the same results, named for the build that gave them.
labelled() {
	local label=$1

	shift
	"$@" | sed -E "s/^(ok|not ok|skip) /\\1 $label: /"
}

# Everything up to the tests

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
	local package

	grep -v '^#' "$SRC_DIR/tests/packages" | while read -r package; do
		[ -z "$package" ] ||
		    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
		    echo "$package"
	done
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
}

step_packages() {
	local missing

	mapfile -t missing < <(missing_packages)
	if ! (cd "$SRC_DIR" && dpkg-checkbuilddeps); then
		apt update && (cd "$SRC_DIR" && apt build-dep --no-install-recommends ./) || return 1
	fi
	if [ ${#missing[@]} -gt 0 ]; then
		apt install --no-install-recommends "${missing[@]}" || {
			apt update && apt install --no-install-recommends "${missing[@]}"
		} || return 1
	fi
	echo "ok packages"
}

step_lists() {
	local status=0

	run_script tests/lists || status=1
	run_script tests/check-selftest || status=1
	return $status
}

step_build() {
	build_gcc && echo "ok build with gcc"
}

# Tests of the build in BUILD_DIR

# What automake's TAP driver has left of each test that make check ran.
unit_logs() {
	find "$BUILD_DIR/tests" -name '*.log' ! -name test-suite.log "$@"
}

unit_results() {
	unit_logs -exec cat {} + | sed -nE \
	    -e 's,^PASS: ([^ ]*/)?([^ ]+)( [0-9]+)?( - )?,ok unit \2: ,p' \
	    -e 's,^SKIP: ([^ ]*/)?([^ ]+)( [0-9]+)?( - )?,skip unit \2: ,p' \
	    -e 's,^(FAIL|ERROR|XPASS): ([^ ]*/)?([^ ]+)( [0-9]+)?( - )?,not ok unit \3: ,p'
}

run_unit() {
	local status=0

	unit_logs -delete
	"${UNDER[@]}" make -C "$BUILD_DIR" --no-print-directory -j"$JOBS" check \
	    TESTS='$(unit_tests) tests/driver/selftest' || status=1
	unit_results
	return $status
}

step_unit() {
	build_gcc && run_unit
}

run_config() {
	run_script tests/golden/run
}

step_config() {
	build_gcc && run_config
}

run_scenario() {
	local status=0

	run_script tests/scenario/run || status=1
	run_script tests/scenario/offline || status=1
	run_script tests/scenario/record || status=1
	return $status
}

step_scenario() {
	build_gcc && run_scenario
}

run_daemon() {
	SRC_DIR=$SRC_DIR BUILD_DIR=$BUILD_DIR "${UNDER[@]}" "$SRC_DIR/tests/daemon/run"
}

step_daemon() {
	build_gcc && run_daemon
}

step_page() {
	build_gcc && run_script tests/page/run
}

step_clamav() {
	build_gcc && run_script tests/clamav/run
}

step_soak() {
	local status=0

	build_gcc || return 1
	SOAK_SECONDS=30 run_script tests/soak/run || status=1
	run_script tests/soak/run --prove || status=1
	return $status
}

step_miltertest() {
	build_gcc && run_script tests/miltertest/run
}

# mta NAME: the MTA's own files are fetched once, into $BUILD_ROOT/mta.
mta() {
	build_gcc || return 1
	run_script tests/mta/install "$BUILD_ROOT/mta" || return 1
	run_script tests/corpus/fetch "$BUILD_ROOT/corpus"	# what lacks it is skipped
	run_script tests/mta/run "$1"
}

step_postfix() {
	mta postfix
}

step_sendmail() {
	mta sendmail
}

# No MTA runs: its files are for postconf and m4.
step_doctor() {
	build_gcc || return 1
	run_script tests/mta/install "$BUILD_ROOT/mta" || return 1
	run_script tests/doctor/run
}

# The installation

step_install() {
	local status=0

	build_gcc || return 1
	run_script tests/install/install || status=1
	run_script tests/install/systemd || status=1
	return $status
}

step_package() {
	run_script tests/install/package
}

step_header() {
	build_gcc && run_script tests/install/header
}

step_abi() {
	build_gcc && run_script tests/abi/run
}

step_example() {
	local status=0

	build_gcc || return 1
	run_script tests/install/example || status=1
	run_script tests/install/new-plugin || status=1
	return $status
}

step_dmarc() {
	local status=0

	build_gcc || return 1
	run_script tests/dmarc/run || status=1
	run_script tests/dmarc/chain || status=1
	return $status
}

step_dns() {
	build_gcc || return 1
	run_script tests/mta/install "$BUILD_ROOT/mta" nsd	# what lacks it is skipped
	run_script tests/dns/run
}

step_judge() {
	build_gcc && run_script tests/install/judge
}

# One script a suite; that of mime is a step of its own.
step_suites() {
	local suite status=0

	build_gcc || return 1
	for suite in spf dkim arc; do
		run_script "tests/suites/$suite" || status=1
	done
	return $status
}

step_signing() {
	local status=0

	build_gcc || return 1
	run_script tests/install/genkey || status=1
	run_script tests/mta/install "$BUILD_ROOT/mta"	# for its opendkim; what lacks it is skipped
	run_script tests/signing/choice || status=1
	run_script tests/signing/run || status=1
	run_script tests/signing/opendkim || status=1
	return $status
}

step_attachments() {
	build_gcc && run_script tests/attachments/run
}

step_footer() {
	build_gcc && run_script tests/footer/run
}

step_corpus() {
	build_gcc && run_script tests/corpus/run
}

run_mime() {
	run_script tests/suites/mime
}

step_mime() {
	build_gcc && run_mime
}

step_docs() {
	local fresh page status=0

	build_gcc || return 1
	fresh=$(mktemp -d)
	"$SRC_DIR/docs/update" "$BUILD_DIR/root/sbin/filterd" "$fresh" || status=1
	for page in "$fresh"/*; do
		if diff -u "$SRC_DIR/docs/${page##*/}" "$page"; then
			echo "ok docs: ${page##*/}"
		else
			echo "not ok docs: ${page##*/}: docs/update writes it anew"
			status=1
		fi
	done
	rm -rf "$fresh"
	run_script tests/install/manual || status=1
	return $status
}

step_contrib() {
	build_gcc && run_script tests/contrib/run
}

# Every source is in the tar file, but for those that only the repository needs.
tar_is_whole() {
	local absent

	absent=$(comm -23 <(sort "$BUILD_ROOT/files") \
	    <(tar -tf "$BUILD_DIR"/filterd-*.tar.xz | sed 's,^[^/]*/,,' | sort))
	if [ -z "$absent" ]; then
		echo "ok distcheck: every source is in the tar file"
		return 0
	fi
	echo "not ok distcheck: sources that EXTRA_DIST or a _SOURCES does not name"
	printf '# %s\n' "${absent//$'\n'/$'\n# '}"
	return 1
}

step_distcheck() {
	BUILD_DIR=$BUILD_ROOT/dist
	"$SRC_DIR/tests/build" dist --enable-werror CC=gcc -- config.h || return 1
	rm -f "$BUILD_DIR"/filterd-*.tar.xz
	if make -C "$BUILD_DIR" --no-print-directory -j"$JOBS" distcheck; then
		echo "ok distcheck"
	else
		echo "not ok distcheck"
	fi
	tar_is_whole
}

# Sanitizers. They write their reports to files of their own, so that none is lost with the output
# of a daemon; a crash on purpose stays a crash, so that the tests of crashes hold.

# sanitized NAME LIST TEST...: builds with -fsanitize=LIST and runs the tests.
sanitized() {
	local name=$1 list=$2 status=0 test report reports

	shift 2
	build "$name" --enable-sanitizer="$list" CC=clang-14 || return 1
	reports=$(mktemp -d)
	chmod 1777 "$reports"
	local common="log_path=$reports/report:handle_segv=0:handle_sigbus=0:handle_sigfpe=0"
	common+=:allocator_may_return_null=1 # as malloc does: a test runs out of memory
	export ASAN_OPTIONS="$common:detect_stack_use_after_return=1:strict_string_checks=1${ASAN_EXTRA:-}"
	export UBSAN_OPTIONS="log_path=$reports/report:print_stacktrace=1"
	export TSAN_OPTIONS="$common:second_deadlock_stack=1:suppressions=$SRC_DIR/tests/tsan.supp"
	for test in "$@"; do
		labelled "$name" "run_$test" || status=1
	done
	for report in "$reports"/*; do
		[ -s "$report" ] || continue
		echo "not ok $name: a report of the sanitizer"
		sed 's/^/# /' "$report"
		status=1
	done
	rm -rf "$reports"
	return $status
}

step_asan() {
	if ! "$SRC_DIR/tests/sanitizer-probe" leak; then
		echo "skip asan leak detection: LeakSanitizer cannot trace processes here"
		ASAN_EXTRA=:detect_leaks=0
	fi
	sanitized asan address,undefined unit config scenario daemon mime
}

step_tsan() {
	"$SRC_DIR/tests/sanitizer-probe" thread
	case $? in
	0) ;;
	2) UNDER=(setarch "$(uname -m)" -R) ;;
	*)
		echo "skip tsan: ThreadSanitizer does not start here, nor under setarch -R"
		return 0
		;;
	esac
	sanitized tsan thread unit scenario daemon
}

step_fuzz() {
	run_script tests/fuzz/run
}
