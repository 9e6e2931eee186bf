//! What is defined before a spec begins: the folders and architectures that RPM itself knows.

use super::expander::Expander;

/// Macros that mean the same everywhere.
const PLAIN: &[(&str, &str)] = &[
    ("nil", ""),
    ("python3_pkgversion", "3"),
    ("_prefix", "/usr"),
    ("_exec_prefix", "%{_prefix}"),
    ("_bindir", "%{_exec_prefix}/bin"),
    ("_sbindir", "%{_exec_prefix}/sbin"),
    ("_libexecdir", "%{_exec_prefix}/libexec"),
    ("_libdir", "%{_exec_prefix}/%{_lib}"),
    ("_datadir", "%{_prefix}/share"),
    ("_datarootdir", "%{_prefix}/share"),
    ("_includedir", "%{_prefix}/include"),
    ("_infodir", "%{_datadir}/info"),
    ("_mandir", "%{_datadir}/man"),
    ("_docdir", "%{_datadir}/doc"),
    ("_defaultdocdir", "%{_datadir}/doc"),
    ("_licensedir", "%{_datadir}/licenses"),
    ("_sysconfdir", "/etc"),
    ("_localstatedir", "/var"),
    ("_var", "/var"),
    ("_usr", "/usr"),
    ("_sharedstatedir", "/var/lib"),
    ("_rundir", "/run"),
    ("_tmppath", "/var/tmp"),
    ("_os", "linux"),
    ("_target_os", "linux"),
    ("_host_os", "linux"),
    ("_build_os", "linux"),
    ("_isa", "%{?__isa:(%{__isa})}"),
    ("ix86", "i386 i486 i586 i686 pentium3 pentium4 athlon geode"),
    (
        "arm",
        "armv3l armv4b armv4l armv4tl armv5tl armv5tel armv5tejl armv6l armv6hl armv7l armv7hl armv7hnl armv8l armv8hl armv8hnl armv8hcnl",
    ),
    ("arm32", "%{arm}"),
    ("arm64", "aarch64"),
    ("mips32", "mips mipsel mipsr6 mipsr6el"),
    ("mips64", "mips64 mips64el mips64r6 mips64r6el"),
    ("mips", "%{mips32} %{mips64}"),
    ("mipseb", "mips mipsr6 mips64 mips64r6"),
    ("mipsel", "mipsel mipsr6el mips64el mips64r6el"),
    ("power64", "ppc64 ppc64p7 ppc64le"),
    ("sparc", "sparc sparcv8 sparcv9 sparcv9v sparc64 sparc64v"),
    ("alpha", "alpha alphaev56 alphaev6 alphaev67"),
    ("riscv32", "riscv32"),
    ("riscv64", "riscv64"),
    ("riscv128", "riscv128"),
    ("riscv", "%{riscv32} %{riscv64} %{riscv128}"),
    ("loongarch64", "loongarch64"),
];

/// Sections of the packages that hold what debuggers need.
const DEBUG_PACKAGES: &str = "%ifnarch noarch
%package debuginfo
Summary: Debug information of %{name}
%description debuginfo
Debug information.
%files debuginfo -f debugfiles.list
%{?_debugsource_packages:%package debugsource
Summary: Debug sources of %{name}
%description debugsource
Debug sources.
%files debugsource -f debugsourcefiles.list
}%endif
";

/// What `%{_isa}` names the common architectures.
const ISA: &[(&str, &str)] = &[
    ("x86_64", "x86-64"),
    ("i386", "x86-32"),
    ("i686", "x86-32"),
    ("aarch64", "aarch-64"),
    ("ppc64le", "ppc-64"),
    ("s390x", "s390-64"),
    ("riscv64", "riscv-64"),
];

impl Expander {
    /// The macros of a spec that is built on `arch`.
    pub(in crate::import::spec) fn new(arch: &str) -> Self {
        let mut out = Self::default();
        for (name, body) in PLAIN {
            out.define(name, body);
        }
        out.define("debug_package", DEBUG_PACKAGES);
        for name in [
            "_arch",
            "_host_cpu",
            "_build_cpu",
            "_build_arch",
            "_target_cpu",
        ] {
            out.define(name, arch);
        }
        if let Some((_, isa)) = ISA.iter().find(|it| it.0 == arch) {
            out.define("__isa", isa);
            let (name, bits) = isa.split_once('-').unwrap_or((isa, "64"));
            out.define("__isa_name", name);
            out.define("__isa_bits", bits);
        }
        let wide = matches!(arch, "x86_64" | "aarch64" | "ppc64le" | "s390x" | "riscv64");
        out.define("_lib", if wide { "lib64" } else { "lib" });
        out
    }
}
