#!/usr/bin/env bash
# Makes the commands, the table and the picture that the README's section on measuring shows: the
# first two go to stdout, the picture to benches/throughput.svg. Build the program before
# (`cargo build --release`), and let nothing else run meanwhile.
#
#   benches/table.sh [MEMORY [DISK]]    folders on a tmpfs and on a disk [/dev/shm, /var/tmp]
#
# Other numbers and places by the environment: REPEAT runs of each measurement, PACKAGES of each
# corpus, FAR packages from afar, PREFILL repositories before, the SIZE of every package, the
# PROGRAM, and its picture PLOT.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

memory=${1:-/dev/shm} disk=${2:-/var/tmp}
repeat=${REPEAT:-5} packages=${PACKAGES:-300} far=${FAR:-1000} prefill=${PREFILL:-100000}
program=${PROGRAM:-${CARGO_TARGET_DIR:-target}/release/distmill}
plot=${PLOT:-benches/throughput.svg}
size=(${SIZE:+--size "$SIZE"})
srpms=$((packages < 56 ? packages : 56))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Turns lines of --csv into rows of the table, all but the first one without the name.
rows() {
    awk -F, -v name="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        function value(of) { return $column[of] }
        function short(number) { return sprintf(number < 10 ? "%.1f" : "%.0f", number) }
        value("kind") != "import" { next }
        {
            share = ""
            if (value("of_floor") != "") share = sprintf("%.0f %% of the floor", 100 * value("of_floor"))
            if (share != "" && value("threads") > 1) share = share " a thread"
            if (value("of_allowed") != "") share = sprintf("%.0f %% of what the way allows", 100 * value("of_allowed"))
            rate = short(value("packages_per_second"))
            least = short(value("packages_per_second_min")); most = short(value("packages_per_second_max"))
            if (least != most) rate = rate " (" least "–" most ")"
            printf "| %s | %d | %s | %s | %s | %s | %s |\n", name, value("threads"), rate,
                short(value("megabytes_per_second")), short(value("cpu_ms")), share, short(value("peak_mib"))
            name = ""
        }'
}

# The file system of a folder.
kind() { df --output=fstype "$1" | tail -n 1; }

# measure NAME ARGUMENT...: one command, and its rows.
measure() {
    local name=$1
    shift
    set -- "$@" "${size[@]}"
    echo "distmill bench $*" >>"$work/commands"
    echo "$name" >&2
    "$program" bench "$@" --csv >"$work/csv"
    rows "$name" <"$work/csv" >>"$work/rows"
}

srpm=(--work srpm --synthetic "$srpms")
near=(--repeat "$repeat" --floor --fs "$memory")
distant=(--synthetic "$far" --threads 64 --repeat "$repeat" --fs "$memory" --latency 100)
measure "source packages of 390 kB, in memory" "${srpm[@]}" --projects 20 --threads 1,2 "${near[@]}"
measure "the same, \`--layout copr\`" "${srpm[@]}" --projects 20 --threads 2 --layout copr "${near[@]}"
measure "the same, on a disk, \`--durable\`" "${srpm[@]}" --projects 20 --threads 2 --durable --repeat "$repeat" --fs "$disk"
measure "the same, $((prefill / 100)) repositories before" "${srpm[@]}" --threads 1 --prefill $((prefill / 100)) --repeat "$repeat" --fs "$memory"
measure "the same, $prefill repositories before" "${srpm[@]}" --threads 1 --prefill "$prefill" --repeat $((repeat < 3 ? repeat : 3)) --fs "$memory"
measure "sdists of 490 kB from loopback" --work pypi --synthetic "$packages" --threads 1,2 "${near[@]}" --plot "$plot"
measure "gems of 110 kB from loopback" --work gem --synthetic "$packages" --threads 1,2 "${near[@]}"
measure "gems, 100 ms a request" --work gem "${distant[@]}"
measure "sdists, 100 ms a request, 50 MB/s" --work pypi "${distant[@]}" --bandwidth 50

printf '```sh\n'
cat "$work/commands"
printf '```\n\n'
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf 'Medians (and the slowest and fastest run), with %s processors%s, in memory on %s, on a disk with %s:\n\n' \
    "$(nproc)" "${model:+ ($model)}" "$(kind "$memory")" "$(kind "$disk")"
printf '| work | threads | packages/s | MB/s | processor ms a package | share | peak MiB |\n'
printf '| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n'
cat "$work/rows"
