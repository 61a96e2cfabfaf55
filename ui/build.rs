//! Compiles `windows.slint`, the one entry of the user interface; for developers also the gallery of its widgets.

fn main() {
    let config = slint_build::CompilerConfiguration::new()
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles)
        .with_style("fluent".into())
        // The source is Indonesian; one sentence is translated once, wherever it stands.
        .with_bundled_translations("../assets/lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Element ids stay in the binary: the screen tests and the tour find controls by id and label.
        .with_debug_info(true);
    slint_build::compile_with_config("windows.slint", config.clone()).expect("the .slint files must compile");
    if std::env::var_os("CARGO_FEATURE_GALLERY").is_some() {
        let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where")).join("gallery.rs");
        slint_build::compile_with_output_path("gallery/gallery_window.slint", out, config)
            .expect("the gallery must compile");
    }
}
