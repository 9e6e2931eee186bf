//! Wheels.

use super::Case;
use super::project::Project;

pub(super) fn all() -> Vec<Case> {
    let project = |case, name| Project::new(case, name, "1.0");
    vec![
        project("wheel-pure", "wheeled")
            .file("wheeled/__init__.py", "")
            .file(
                "wheeled-1.0.dist-info/licenses/LICENSE",
                super::licenses::text("MIT"),
            )
            .wheel("py3-none-any"),
        project("wheel-of-both-pythons", "both_ways")
            .field("Provides-Extra: fast\nRequires-Dist: six")
            .file("both_ways.py", "")
            .wheel("py2.py3-none-any"),
        project("wheel-with-scripts", "scripted")
            .file("scripted.py", "")
            .file(
                "scripted-1.0.dist-info/entry_points.txt",
                "[console_scripts]\nscripted = scripted:main\n",
            )
            .wheel("py3-none-any"),
        project("wheel-of-python-2", "ancient")
            .file("ancient.py", "")
            .wheel("py2-none-any"),
        project("wheel-of-a-platform", "binary")
            .file("binary.so", "\x7fELF")
            .wheel("cp312-cp312-manylinux_2_17_x86_64"),
    ]
}
