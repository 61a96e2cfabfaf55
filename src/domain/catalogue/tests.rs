use jiff::civil::date;

use super::*;

const FILE: &str = include_str!("../../../assets/services/kk-wni.toml");
const TODAY: Date = date(2026, 11, 23);

fn variant(key: &str) -> VariantKey {
    VariantKey::parse(key).unwrap()
}

fn document(key: &str) -> DocumentKey {
    DocumentKey::parse(key).unwrap()
}

fn held(keys: &[&str]) -> BTreeSet<DocumentKey> {
    keys.iter().map(|key| document(key)).collect()
}

fn yes(questions: &[&str]) -> Answers {
    questions.iter().map(|key| (QuestionKey::parse(key).unwrap(), true)).collect()
}

/// Requirements in one line each: `!` mandatory, `group?` one of, `~` practice.
fn required(catalogue: &Catalogue, key: &str, answers: &[&str], proxy: bool) -> String {
    let requirements = catalogue.requirements_for(catalogue.variant(&variant(key)).unwrap(), &yes(answers), proxy);
    let words = requirements.iter().map(|requirement| match &requirement.need {
        Need::Mandatory => format!("!{}", requirement.document),
        Need::OneOf(group) => format!("{group}?{}", requirement.document),
        Need::Practice => format!("~{}", requirement.document),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn forms(key: &str, answers: &[&str], proxy: bool) -> String {
    let catalogue = Catalogue::built_in();
    let forms = catalogue.forms_for(catalogue.variant(&variant(key)).unwrap(), &yes(answers), proxy);
    forms.iter().map(FormCode::as_str).collect::<Vec<_>>().join(" ")
}

/// The faults of the built-in file after one edit.
fn faults_after(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    Catalogue::parse(&FILE.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn built_in_file_is_complete() {
    let catalogue = Catalogue::built_in();
    let keys: Vec<&str> = catalogue.variants().iter().map(|variant| variant.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "kk.baru.keluarga_baru",
            "kk.baru.ganti_kepala",
            "kk.baru.pisah",
            "kk.baru.pindah_datang",
            "kk.baru.wni_ln",
            "kk.baru.rentan",
            "kk.ubah.kelahiran",
            "kk.ubah.menumpang",
            "kk.ubah.kematian",
            "kk.ubah.pindah_keluar",
            "kk.ubah.kawin_cerai",
            "kk.ubah.elemen",
            "kk.ubah.peristiwa_lain",
            "kk.hilang",
            "kk.rusak",
        ]
    );
    assert_eq!(catalogue.documents().len(), 27);
    let codes: Vec<&str> = catalogue.forms().iter().map(|form| form.code.as_str()).collect();
    assert_eq!(codes.len(), 12, "{codes:?}");
    assert_eq!(codes[0], "F-1.01");
    assert_eq!(codes[11], "F-2.04");
    assert_eq!(catalogue.service().key.as_str(), "kk-wni");
    assert!(catalogue.return_reasons().len() >= 7);
}

#[test]
fn steps_follow_the_sop_and_take_13_minutes() {
    let catalogue = Catalogue::built_in();
    let minutes: Vec<u16> = catalogue.steps().iter().map(|step| step.standard_minutes).collect();
    assert_eq!(minutes, [1, 1, 5, 1, 1, 1, 2, 1]);
    assert_eq!(minutes.iter().sum::<u16>(), 13);
    assert_eq!(catalogue.step("proposed").map(|step| (step.number, step.by.as_str())), Some((3, "operator")));
    assert_eq!(catalogue.step("handed_over").map(|step| step.number), Some(8));
    assert!(catalogue.step("returned").is_none());
}

#[test]
fn two_taps_reach_every_variant() {
    let catalogue = Catalogue::built_in();
    let counts: Vec<(&str, usize)> =
        catalogue.groups().iter().map(|group| (group.key.as_str(), catalogue.variants_in(&group.key).len())).collect();
    assert_eq!(counts, [("baru", 6), ("tambah", 2), ("kurang", 2), ("ubah", 3), ("hilang", 1), ("rusak", 1)]);
}

#[test]
fn every_condition_is_a_question_and_every_question_is_used() {
    let catalogue = Catalogue::built_in();
    let mut asked = BTreeSet::new();
    for variant in catalogue.variants() {
        let questions = catalogue.questions_for(&variant.key);
        let conditions: BTreeSet<&QuestionKey> = variant
            .requirements
            .iter()
            .filter_map(|rule| if let Mode::Conditional(question) = &rule.mode { Some(question) } else { None })
            .chain(variant.conditional_forms.iter().map(|form| &form.question))
            .collect();
        assert_eq!(questions.iter().map(|question| &question.key).collect::<BTreeSet<_>>(), conditions);
        assert!(questions.len() <= 4, "{}: too many questions for a kiosk", variant.key);
        asked.extend(questions.into_iter().map(|question| question.key.clone()));
    }
    let known: BTreeSet<QuestionKey> = catalogue.questions().iter().map(|question| question.key.clone()).collect();
    assert_eq!(asked, known);
    assert!(catalogue.questions_for(&variant("kk.tidak_ada")).is_empty());
}

#[test]
fn sentences_for_citizens_have_at_most_12_words() {
    let catalogue = Catalogue::built_in();
    let mut texts: Vec<&str> = Vec::new();
    for question in catalogue.questions() {
        assert!(question.text.ends_with('?'), "{}", question.text);
        texts.extend([question.text.as_str(), question.help.as_str()]);
    }
    texts.extend(catalogue.documents().iter().map(|kind| kind.hint.as_str()));
    texts.extend(catalogue.return_reasons().iter().map(|reason| reason.citizen.as_str()));
    for variant in catalogue.variants() {
        texts.extend([variant.title.as_str(), variant.detail.as_str(), variant.note.as_str()]);
        texts.extend(variant.requirements.iter().map(|rule| rule.note.as_str()));
    }
    texts.extend(catalogue.groups().iter().map(|group| group.detail.as_str()));
    for sentence in texts.iter().flat_map(|text| text.split(['.', '?', ':']).filter(|part| part.contains(' '))) {
        assert!(sentence.split_whitespace().count() <= 12, "{sentence}");
    }
}

#[test]
fn requirements_are_those_of_the_official_list() {
    let catalogue = Catalogue::built_in();
    for (key, expected) in [
        ("kk.baru.keluarga_baru", "dasar?buku_nikah dasar?akta_cerai dasar?sptjm_kawin_cerai ~kk_lama ~ktp_el"),
        ("kk.baru.ganti_kepala", "!akta_kematian !kk_lama"),
        ("kk.baru.pisah", "!kk_lama !ktp_el"),
        ("kk.baru.pindah_datang", "!ktp_el"),
        ("kk.baru.wni_ln", "pindah_ln?skpln pindah_ln?sk_pindah_perwakilan !dok_perjalanan"),
        ("kk.baru.rentan", "!skpti"),
        ("kk.ubah.menumpang", "!kk_lama !kk_tujuan !sp_menerima_anggota"),
        ("kk.ubah.kelahiran", "!kk_lama lahir?akta_kelahiran lahir?sk_lahir ~buku_nikah"),
        ("kk.ubah.kematian", "!kk_lama !akta_kematian"),
        ("kk.ubah.kawin_cerai", "!kk_lama dasar?buku_nikah dasar?akta_cerai dasar?sptjm_kawin_cerai"),
        ("kk.ubah.peristiwa_lain", "!kk_lama !bukti_perubahan"),
        ("kk.ubah.pindah_keluar", "!kk_lama !ktp_el"),
        ("kk.ubah.elemen", "!kk_lama !bukti_elemen"),
        ("kk.hilang", "!sk_hilang_polisi !ktp_el ~sp_sebab_hilang_rusak"),
        ("kk.rusak", "!kk_rusak !ktp_el"),
    ] {
        assert_eq!(required(&catalogue, key, &[], false), expected, "{key}");
    }
}

#[test]
fn a_yes_adds_what_it_is_about() {
    let catalogue = Catalogue::built_in();
    for (key, answers, added) in [
        ("kk.baru.keluarga_baru", &["pasangan_luar_kabupaten"][..], "!skpwni"),
        ("kk.baru.ganti_kepala", &["sisa_di_bawah_17"], "!sp_bersedia_wali"),
        ("kk.baru.pisah", &["pisah_karena_kawin"], "!buku_nikah"),
        ("kk.baru.pisah", &["pisah_karena_cerai"], "!akta_cerai"),
        ("kk.baru.pindah_datang", &["datang_dari_luar"], "!skpwni"),
        ("kk.baru.pindah_datang", &["alamat_bukan_milik"], "!sp_tidak_keberatan_alamat"),
        ("kk.baru.pindah_datang", &["anak_pindah_sendiri"], "!sk_pengasuhan_anak"),
        ("kk.baru.wni_ln", &["alamat_bukan_milik"], "!sp_tidak_keberatan_alamat"),
        ("kk.ubah.menumpang", &["penumpang_dari_luar"], "!skpwni"),
        ("kk.ubah.menumpang", &["penumpang_di_bawah_17"], "!sk_pengasuhan_anak"),
        ("kk.ubah.peristiwa_lain", &["perlu_penetapan"], "!penetapan_pengadilan"),
        ("kk.ubah.peristiwa_lain", &["ubah_kewarganegaraan"], "!petikan_kewarganegaraan"),
        ("kk.ubah.pindah_keluar", &["anak_pindah_sendiri"], "!sk_pengasuhan_anak"),
        ("kk.ubah.pindah_keluar", &["sisa_di_bawah_17"], "!sp_bersedia_wali"),
    ] {
        let plain = required(&catalogue, key, &[], false);
        let answered = required(&catalogue, key, answers, false);
        let new: Vec<&str> = answered.split(' ').filter(|word| !plain.split(' ').any(|known| known == *word)).collect();
        assert_eq!(new, [added], "{key} {answers:?}");
    }
    let mut no = Answers::new();
    no.set(QuestionKey::parse("sisa_di_bawah_17").unwrap(), false);
    let ganti_kepala = variant("kk.baru.ganti_kepala");
    assert_eq!(catalogue.requirements_for(catalogue.variant(&ganti_kepala).unwrap(), &no, false).len(), 2);
    assert!(catalogue.unanswered(&ganti_kepala, &no).is_empty());
    assert_eq!(catalogue.unanswered(&ganti_kepala, &Answers::new()).len(), 1);
}

#[test]
fn forms_follow_the_variant_and_the_answers() {
    for (key, answers, expected) in [
        ("kk.baru.keluarga_baru", &[][..], "F-1.02"),
        ("kk.baru.keluarga_baru", &["tanpa_bukti_kawin_cerai", "data_ikut_berubah"], "F-1.02 F-1.05 F-1.06"),
        ("kk.baru.keluarga_baru", &["pindah_dalam_kabupaten"], "F-1.02 F-1.03"),
        ("kk.baru.pindah_datang", &[], "F-1.02 F-1.03"),
        ("kk.baru.wni_ln", &["ada_tanpa_nik"], "F-1.01 F-1.02 F-1.03"),
        ("kk.baru.rentan", &["tanpa_dokumen"], "F-1.01 F-1.02 F-1.04"),
        ("kk.ubah.menumpang", &["alamat_penumpang_berubah"], "F-1.02 F-1.03"),
        ("kk.ubah.kelahiran", &["akta_lahir_sekalian"], "F-1.01 F-1.02 F-2.01"),
        ("kk.ubah.kematian", &["akta_mati_sekalian"], "F-1.02 F-2.01"),
        ("kk.ubah.kawin_cerai", &["tanpa_bukti_kawin_cerai"], "F-1.02 F-1.05 F-1.06"),
        ("kk.ubah.peristiwa_lain", &[], "F-1.02 F-1.06"),
        ("kk.ubah.pindah_keluar", &[], "F-1.02 F-1.03"),
        ("kk.ubah.elemen", &[], "F-1.02 F-1.06"),
        ("kk.hilang", &[], "F-1.02"),
    ] {
        assert_eq!(forms(key, answers, false), expected, "{key} {answers:?}");
    }
    assert_eq!(forms("kk.rusak", &[], true), "F-1.02 F-1.07");
}

#[test]
fn a_proxy_brings_a_letter_and_a_card() {
    let catalogue = Catalogue::built_in();
    assert_eq!(required(&catalogue, "kk.rusak", &[], true), "!kk_rusak !ktp_el !surat_kuasa !ktp_penerima_kuasa");
}

#[test]
fn one_document_of_a_group_is_enough_and_a_missing_group_is_told_once() {
    let catalogue = Catalogue::built_in();
    let married = catalogue.variant(&variant("kk.ubah.kawin_cerai")).unwrap();
    let requirements = catalogue.requirements_for(married, &Answers::new(), false);
    let group = Missing::OneOf {
        group: OneOfKey::parse("dasar").unwrap(),
        documents: vec![document("buku_nikah"), document("akta_cerai"), document("sptjm_kawin_cerai")],
    };
    assert_eq!(catalogue.missing(&requirements, &held(&[])), [Missing::Document(document("kk_lama")), group.clone()]);
    assert_eq!(catalogue.missing(&requirements, &held(&["kk_lama"])), [group]);
    for one in ["buku_nikah", "akta_cerai", "sptjm_kawin_cerai"] {
        assert!(catalogue.missing(&requirements, &held(&["kk_lama", one])).is_empty());
    }
}

#[test]
fn practice_documents_are_never_missing_unless_the_office_says_so() {
    let catalogue = Catalogue::built_in();
    let lost = catalogue.variant(&variant("kk.hilang")).unwrap();
    let brought = held(&["sk_hilang_polisi", "ktp_el"]);
    let requirements = catalogue.requirements_for(lost, &Answers::new(), false);
    assert!(catalogue.missing(&requirements, &brought).is_empty());

    let strict = Catalogue::parse(&FILE.replace("practice_documents = false", "practice_documents = true")).unwrap();
    let requirements = strict.requirements_for(lost, &Answers::new(), false);
    assert_eq!(strict.missing(&requirements, &brought), [Missing::Document(document("sp_sebab_hilang_rusak"))]);
}

#[test]
fn rt_rw_letter_is_asked_only_where_and_when_switched_on() {
    let off = Catalogue::built_in();
    assert!(!off.documents().iter().any(|kind| kind.local));
    let on = Catalogue::parse(&FILE.replace("rt_rw_letter = false", "rt_rw_letter = true")).unwrap();
    assert_eq!(on.documents().len(), 28);
    assert_eq!(required(&on, "kk.baru.rentan", &[], false), "!skpti !surat_rt_rw");
    assert_eq!(required(&on, "kk.ubah.kelahiran", &[], false), required(&off, "kk.ubah.kelahiran", &[], false));
}

#[test]
fn identity_cards_are_shown_and_not_scanned() {
    let catalogue = Catalogue::built_in();
    let shown: Vec<&str> =
        catalogue.documents().iter().filter(|kind| !kind.scan).map(|kind| kind.key.as_str()).collect();
    assert_eq!(shown, ["ktp_el", "ktp_penerima_kuasa"]);
    assert!(catalogue.document(&document("kk_rusak")).unwrap().surrender);
}

#[test]
fn the_numbering_of_2026_waits_for_the_office() {
    let catalogue = Catalogue::built_in();
    let guardian = document("sk_pengasuhan_anak");
    let new_code = FormCode::parse("F-1.03A").unwrap();
    assert_eq!(catalogue.form_of(&guardian), None);
    assert_eq!(catalogue.form_of(&document("sptjm_kawin_cerai")).map(|form| form.code.as_str()), Some("F-1.05"));
    assert_eq!(catalogue.in_force(TODAY).form(&new_code), None);
    assert_eq!(catalogue.forms_of_edition(&EditionKey::parse("permendagri-6-2026").unwrap()).len(), 3);

    let confirmed = "(belum dipastikan)\"\nconfirmed = true\neffective_from = \"2027-01-01\"";
    let later = Catalogue::parse(&FILE.replace("(belum dipastikan)\"\nconfirmed = false", confirmed)).unwrap();
    assert_eq!(later.in_force(date(2026, 12, 31)).form_of(&guardian), None);
    let form = later.in_force(date(2027, 1, 1)).form_of(&guardian).map(|form| form.code.clone());
    assert_eq!(form, Some(new_code));
    assert_eq!(later.in_force(date(2027, 1, 1)).forms().len(), 15);
}

#[test]
fn a_new_version_of_a_variant_takes_over_on_its_day() {
    let start = FILE.find("[[variant]]\nkey = \"kk.rusak\"").unwrap();
    let end = start + FILE[start..].find("\n# ---").unwrap();
    let old = FILE[start..end].to_owned();
    let ended = old.replace("effective_from = \"2022-01-04\"", "effective_until = \"2027-03-01\"");
    let new = old.replace("2022-01-04", "2027-03-01").replace("title = \"KK rusak\"", "title = \"KK rusak parah\"");
    let both = FILE.replace(&old, &format!("{ended}\n{new}"));
    let catalogue = Catalogue::parse(&both).unwrap();
    let title = |day| catalogue.in_force(day).variant(&variant("kk.rusak")).map(|variant| variant.title.clone());
    assert_eq!(title(date(2027, 2, 28)).as_deref(), Some("KK rusak"));
    assert_eq!(title(date(2027, 3, 1)).as_deref(), Some("KK rusak parah"));
    assert_eq!(catalogue.variants().len(), 15);

    let clash = Catalogue::parse(&FILE.replace(&old, &format!("{old}\n{new}"))).unwrap_err().to_string();
    assert!(clash.contains("variant kk.rusak: is there twice for the same days"), "{clash}");
}

#[test]
fn a_document_may_not_end_while_a_variant_needs_it() {
    let told = faults_after("icon = \"shield-check\"\n", "icon = \"shield-check\"\neffective_until = \"2028-01-01\"\n");
    assert!(
        told.contains("variant kk.hilang, requirement sk_hilang_polisi (on 2028-01-01): there is no such"),
        "{told}"
    );
}

#[test]
fn nothing_is_in_force_before_the_service_begins() {
    let catalogue = Catalogue::built_in();
    assert!(!catalogue.is_in_force(date(2022, 1, 3)) && catalogue.is_in_force(date(2022, 1, 4)));
    let before = catalogue.in_force(date(2022, 1, 3));
    assert!(before.variants().is_empty() && before.groups().is_empty() && before.forms().is_empty());
    assert_eq!(catalogue.in_force(TODAY).variants(), catalogue.variants());
}

#[test]
fn faults_name_their_place() {
    for (from, to, expected) in [
        ("format = 1", "format = 2", "format: is 2, this program reads 1"),
        (
            "document = \"kk_rusak\"",
            "document = \"kk_rusk\"",
            "variant kk.rusak, requirement kk_rusk: there is no such",
        ),
        (
            "question = \"pisah_karena_cerai\"",
            "question = \"salah\"",
            "requirement akta_cerai: question salah does not",
        ),
        ("group = \"rusak\"", "group = \"patah\"", "variant kk.rusak: group patah does not exist"),
        ("group = \"lahir\"", "group = \"lain\"", "one_of group lain has one document"),
        ("form = \"F-1.04\"", "form = \"F-9.99\"", "variant kk.baru.rentan: form F-9.99 does not exist"),
        ("key = \"skpln\"", "key = \"skpwni\"", "document skpwni: is there twice"),
        ("key = \"terpotong\"", "key = \"tidak_terbaca\"", "return_reason tidak_terbaca: is there twice"),
        ("standard_minutes = 5", "standard_minutes = 6", "standard_minutes is 13, but the steps add up to 14"),
        ("stage = \"signed\"", "stage = \"sealed\"", "there is no step for stage signed"),
        ("by = \"kabid\"", "by = \"kabit\"", "step endorsed: by = \"kabit\" does no step"),
        ("title = \"KK rusak\"", "title = \" \"", "title is empty"),
        (
            "short = \"KK lama\"",
            "short = \"Kartu Keluarga yang lama sekali\"",
            "short has 31 characters, at most 28 fit",
        ),
        ("edition = \"permendagri-6-2026\"", "edition = \"x\"", "form F-1.03A: form_edition x does not exist"),
        ("confirmed = false", "confirmed = true", "form_edition permendagri-6-2026: is confirmed but has no effective"),
        ("form = \"F-1.07\"", "form = \"F-1.77\"", "proxy: form F-1.77 does not exist"),
    ] {
        let told = faults_after(from, to);
        assert!(told.contains(expected), "{told}\nexpected: {expected}");
    }
}

#[test]
fn faults_of_writing_name_the_line() {
    for (from, to, expected) in [
        ("fee = ", "fe = ", "unknown field `fe`"),
        ("scan = true", "scan = \"ya\"", "expected a boolean"),
        ("key = \"kk.rusak\"", "key = \"KK Rusak\"", "\"KK Rusak\" is no variant key"),
        ("mode = \"practice\"", "mode = \"kadang\"", "unknown variant `kadang`"),
        ("mode = \"practice\"", "mode = \"one_of\"", "`group` goes with mode one_of"),
        ("effective_from = \"2022-01-04\"", "effective_from = \"2022-02-30\"", "effective_from"),
    ] {
        let told = faults_after(from, to);
        assert!(told.contains(expected) && told.contains("line "), "{told}\nexpected: {expected}");
    }
    let huge = Catalogue::parse(&" ".repeat(BYTES_MAX + 1));
    assert_eq!(huge, Err(CatalogueError::TooLarge { bytes: BYTES_MAX + 1 }));
}

#[test]
fn all_faults_are_told_at_once() {
    let twice = FILE.replace("group = \"rusak\"", "group = \"a\"").replace("group = \"hilang\"", "group = \"b\"");
    let Err(CatalogueError::Invalid(faults)) = Catalogue::parse(&twice) else { panic!("must be refused") };
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn travels_as_json_and_is_checked_on_arrival() {
    let catalogue = Catalogue::built_in().in_force(TODAY);
    let json = serde_json::to_string(&catalogue).unwrap();
    assert_eq!(serde_json::from_str::<Catalogue>(&json).unwrap(), catalogue);
    let error = serde_json::from_str::<Catalogue>(&json.replacen("\"F-1.04\"", "\"F-1.44\"", 1)).unwrap_err();
    assert!(error.to_string().contains("form F-1.04 does not exist"), "{error}");

    let answers = yes(&["tanpa_dokumen"]);
    assert_eq!(serde_json::to_string(&answers).unwrap(), r#"{"tanpa_dokumen":true}"#);
    assert_eq!(
        serde_json::to_string(&Need::OneOf(OneOfKey::parse("dasar").unwrap())).unwrap(),
        r#"{"one_of":"dasar"}"#
    );
}

#[test]
fn keys_are_short_lower_case_names() {
    assert_eq!(variant("kk.baru.pisah").as_str(), "kk.baru.pisah");
    for bad in ["", "KK", "kk baru", "kk-baru", "kk/baru", "é", &"k".repeat(65)] {
        assert!(VariantKey::parse(bad).is_err(), "{bad}");
    }
    assert!(VariantKey::parse(&"k".repeat(64)).is_ok());
    assert!(serde_json::from_str::<DocumentKey>("\"../etc\"").is_err());
    assert!(FormCode::parse("F-1.03A").is_ok() && FormCode::parse("f-1.03a").is_err());
}
