use super::*;
use crate::import::source::pypi::SdistKind;

const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn read(content_type: &str, body: &str) -> Result<Listing, ResolveError> {
    let page = Page {
        url: "http://h/m/simple/foo-bar/".parse().unwrap(),
        content_type: Some(content_type.to_owned()).filter(|it| !it.is_empty()),
        body: body.as_bytes().to_vec(),
    };
    parse(&page, "foo-bar")
}

fn only_file(listing: &Listing) -> &File {
    let mut files = listing.releases.values().flatten();
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

#[test]
fn json_pages_are_read() {
    let body = format!(
        r#"{{"meta": {{"api-version": "1.4", "_last-serial": 1}}, "name": "foo-bar", "files": [
          {{"filename": "Foo.Bar-1.0.tar.gz", "url": "../../f/x", "size": 7, "core-metadata": false,
            "hashes": {{"sha256": "{SHA256}"}}, "yanked": "broken"}},
          {{"filename": "foo_bar-1.0-py3-none-any.whl", "url": "y", "hashes": {{}}, "yanked": true}},
          {{"filename": "foo_bar-1.1.zip", "url": "z", "hashes": {{"md5": "x"}}, "yanked": false}},
          {{"filename": "foo_bar-1.1.zip.asc", "url": "z", "hashes": {{}}}}
        ]}}"#
    );
    let listing = read("Application/vnd.pypi.simple.V1+JSON; charset=utf-8", &body).unwrap();
    assert!(listing.complete);
    let old = &listing.releases[&"1.0".parse().unwrap()];
    assert_eq!(
        old[0],
        File {
            file_name: "Foo.Bar-1.0.tar.gz".to_owned(),
            url: "../../f/x".to_owned(),
            form: FileForm::Sdist(SdistKind::TarGz),
            sha256: Sha256::from_hex(SHA256),
            size: Some(7),
            yanked: Some("broken".to_owned()),
        }
    );
    assert!(matches!(old[1].form, FileForm::PureWheel(_)));
    assert_eq!(old[1].yanked.as_deref(), Some(""));
    let new = &listing.releases[&"1.1".parse().unwrap()];
    assert_eq!(new.len(), 1);
    assert_eq!((&new[0].yanked, new[0].sha256), (&None, None));
}

#[test]
fn html_pages_are_read() {
    let body = format!(
        r#"<!DOCTYPE html><html><body><h1>Links</h1>
        <a name="top">no address</a> <!-- <a href="foo-bar-9.tar.gz">no</a> -->
        <A HREF="../../f/foo_bar-1.0.tar.gz?a=1&amp;b=2#egg=x&sha256={SHA256}"
           data-requires-python="&gt;=3.9" data-yanked="it's &lt;bad&gt;">foo_bar-1.0.tar.gz</A><br/>
        <a href="https://other/foo-bar-1.1%2Blocal.zip#md5=1" data-yanked><b>foo-bar</b>-1.1</a>
        <a href="/get?id=3" >foo-bar-1.2.tgz
        <a href="foo-bar-1.3.tar.bz2"></a>"#
    );
    let listing = read("text/html;charset=utf-8", &body).unwrap();
    assert!(listing.complete);
    let files: Vec<&File> = listing.releases.values().flatten().collect();
    let names: Vec<&str> = files.iter().map(|it| it.file_name.as_str()).collect();
    assert_eq!(
        names,
        [
            "foo_bar-1.0.tar.gz",
            "foo-bar-1.1+local.zip",
            "foo-bar-1.2.tgz",
            "foo-bar-1.3.tar.bz2"
        ]
    );
    assert!(
        files[0]
            .url
            .starts_with("../../f/foo_bar-1.0.tar.gz?a=1&b=2#")
    );
    assert_eq!(files[0].sha256, Sha256::from_hex(SHA256));
    assert_eq!(files[0].yanked.as_deref(), Some("it's <bad>"));
    assert_eq!(
        (files[1].sha256, files[1].yanked.as_deref()),
        (None, Some(""))
    );
    assert_eq!(files[2].yanked, None);
}

#[test]
fn a_base_element_moves_relative_addresses() {
    let body = r#"<base href="/files/"><base href="/wrong/"><a href="foo-bar-1.zip">x</a>"#;
    let listing = read("text/html", body).unwrap();
    assert_eq!(listing.file_base.as_str(), "http://h/files/");
    assert_eq!(only_file(&listing).file_name, "foo-bar-1.zip");
}

#[test]
fn the_form_is_told_by_the_content_where_the_type_is_silent() {
    let html = r#" <a href="foo-bar-1.zip">foo-bar-1.zip</a>"#;
    let json = r#" {"meta": {"api-version": "1.0"}, "files": []}"#;
    for unhelpful in ["", "text/plain", "application/octet-stream"] {
        assert_eq!(read(unhelpful, html).unwrap().releases.len(), 1);
        assert!(read(unhelpful, json).unwrap().complete);
        assert!(read(unhelpful, "hello").is_err());
    }
    assert!(read("application/json", html).is_err());
    assert!(!read("text/html", json).unwrap().complete);
}

#[test]
fn other_things_are_refused() {
    for body in [
        "",
        "[]",
        "{}",
        r#"{"meta": {"api-version": "2.0"}, "files": []}"#,
        r#"{"meta": {"api-version": "1.0"}, "files": [{"filename": 1}]}"#,
    ] {
        assert!(read("application/json", body).is_err(), "{body:?}");
    }
    let listing = read("text/html", "<p>Sign in</p><a href='/login'>here</a>").unwrap();
    assert!(!listing.complete);
    assert!(listing.releases.is_empty());
}
