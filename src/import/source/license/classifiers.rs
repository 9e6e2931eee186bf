//! Trove classifiers and the SPDX names of what they say.
//!
//! Those that name one license are apart from those that name a family, whose member can only be
//! guessed at. Classifiers that say nothing of a license's terms (`OSI Approved` alone, `Freely
//! Distributable`) and those of licenses that SPDX does not know are not in the table.

/// What the classifiers say together.
pub(super) struct Told {
    /// All of them, joined by AND.
    pub(super) expression: String,
    /// Whether each names one license.
    pub(super) certain: bool,
}

/// Classifiers that name one license.
const EXACT: &[(&str, &str)] = &[
    ("Blue Oak Model License (BlueOak-1.0.0)", "BlueOak-1.0.0"),
    ("Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"),
    ("Attribution Assurance License", "AAL"),
    (
        "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication",
        "CC0-1.0",
    ),
    (
        "CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)",
        "CECILL-2.1",
    ),
    (
        "CeCILL-B Free Software License Agreement (CECILL-B)",
        "CECILL-B",
    ),
    (
        "CeCILL-C Free Software License Agreement (CECILL-C)",
        "CECILL-C",
    ),
    ("CMU License (MIT-CMU)", "MIT-CMU"),
    (
        "Common Development and Distribution License 1.0 (CDDL-1.0)",
        "CDDL-1.0",
    ),
    ("Common Public License", "CPL-1.0"),
    ("Eclipse Public License 1.0 (EPL-1.0)", "EPL-1.0"),
    ("Eclipse Public License 2.0 (EPL-2.0)", "EPL-2.0"),
    (
        "Educational Community License, Version 2.0 (ECL-2.0)",
        "ECL-2.0",
    ),
    ("European Union Public Licence 1.0 (EUPL 1.0)", "EUPL-1.0"),
    ("European Union Public Licence 1.1 (EUPL 1.1)", "EUPL-1.1"),
    ("European Union Public Licence 1.2 (EUPL 1.2)", "EUPL-1.2"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    (
        "GNU Affero General Public License v3 or later (AGPLv3+)",
        "AGPL-3.0-or-later",
    ),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    (
        "GNU General Public License v2 or later (GPLv2+)",
        "GPL-2.0-or-later",
    ),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    (
        "GNU General Public License v3 or later (GPLv3+)",
        "GPL-3.0-or-later",
    ),
    (
        "GNU Lesser General Public License v2 (LGPLv2)",
        "LGPL-2.0-only",
    ),
    (
        "GNU Lesser General Public License v2 or later (LGPLv2+)",
        "LGPL-2.0-or-later",
    ),
    (
        "GNU Lesser General Public License v3 (LGPLv3)",
        "LGPL-3.0-only",
    ),
    (
        "GNU Lesser General Public License v3 or later (LGPLv3+)",
        "LGPL-3.0-or-later",
    ),
    ("Historical Permission Notice and Disclaimer (HPND)", "HPND"),
    ("IBM Public License", "IPL-1.0"),
    ("Intel Open Source License", "Intel"),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("MirOS License (MirOS)", "MirOS"),
    ("Motosoto License", "Motosoto"),
    ("Mozilla Public License 1.0 (MPL)", "MPL-1.0"),
    ("Mozilla Public License 1.1 (MPL 1.1)", "MPL-1.1"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    (
        "Mulan Permissive Software License v2 (MulanPSL-2.0)",
        "MulanPSL-2.0",
    ),
    ("NASA Open Source Agreement v1.3 (NASA-1.3)", "NASA-1.3"),
    ("Nethack General Public License", "NGPL"),
    ("Nokia Open Source License", "Nokia"),
    ("Nokia Open Source License (NOKOS)", "Nokia"),
    ("Open Group Test Suite License", "OGTSL"),
    ("Open Software License 3.0 (OSL-3.0)", "OSL-3.0"),
    ("PostgreSQL License", "PostgreSQL"),
    ("Python License (CNRI Python License)", "CNRI-Python"),
    ("Python Software Foundation License", "PSF-2.0"),
    ("Qt Public License (QPL)", "QPL-1.0"),
    ("Ricoh Source Code Public License", "RSCPL"),
    ("SIL Open Font License 1.1 (OFL-1.1)", "OFL-1.1"),
    ("Sleepycat License", "Sleepycat"),
    ("Sun Industry Standards Source License (SISSL)", "SISSL"),
    ("Sun Public License", "SPL-1.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("Universal Permissive License (UPL)", "UPL-1.0"),
    ("University of Illinois/NCSA Open Source License", "NCSA"),
    ("Vovida Software License 1.0", "VSL-1.0"),
    ("W3C License", "W3C"),
    ("X.Net License", "Xnet"),
    ("Zero-Clause BSD (0BSD)", "0BSD"),
    ("zlib/libpng License", "Zlib"),
];

/// Classifiers that name a family, with its most likely member.
const FAMILIES: &[(&str, &str)] = &[
    ("Academic Free License (AFL)", "AFL-3.0"),
    ("Aladdin Free Public License (AFPL)", "Aladdin"),
    ("Apache Software License", "Apache-2.0"),
    ("Apple Public Source License", "APSL-2.0"),
    ("Artistic License", "Artistic-2.0"),
    ("BSD License", "BSD-3-Clause"),
    ("Eiffel Forum License", "EFL-2.0"),
    ("Eiffel Forum License (EFL)", "EFL-2.0"),
    ("GNU Free Documentation License (FDL)", "GFDL-1.3-or-later"),
    ("GNU General Public License (GPL)", "GPL-1.0-or-later"),
    (
        "GNU Library or Lesser General Public License (LGPL)",
        "LGPL-2.0-or-later",
    ),
    ("Netscape Public License (NPL)", "NPL-1.1"),
    ("Public Domain", "LicenseRef-Fedora-Public-Domain"),
    ("Zope Public License", "ZPL-2.1"),
];

/// What the license classifiers among these say.
pub(super) fn read(classifiers: &[String]) -> Option<Told> {
    let mut certain = true;
    let mut parts = Vec::new();
    for classifier in classifiers {
        let mut steps = classifier.split("::").map(str::trim);
        if steps.next() != Some("License") {
            continue;
        }
        let Some(name) = steps.last() else {
            continue;
        };
        let find =
            |table: &[(&str, &'static str)]| table.iter().find(|it| it.0 == name).map(|it| it.1);
        if let Some(it) = find(EXACT) {
            parts.push(it.to_owned());
        } else if let Some(it) = find(FAMILIES) {
            certain = false;
            parts.push(it.to_owned());
        } else if name != "OSI Approved" && name != "DFSG approved" {
            // One more license applies that cannot be named.
            certain = false;
        }
    }
    super::joined(parts, " AND ").map(|expression| Told {
        expression,
        certain,
    })
}

/// Every expression of the tables.
#[cfg(test)]
pub(super) fn all_expressions() -> impl Iterator<Item = &'static str> {
    EXACT.iter().chain(FAMILIES).map(|it| it.1)
}
