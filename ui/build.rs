//! Compiles `windows.slint`, the one entry of the user interface.

fn main() {
    let config = slint_build::CompilerConfiguration::new()
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles)
        .with_style("fluent".into())
        // The source is Indonesian; one sentence is translated once, wherever it stands.
        .with_bundled_translations("../assets/lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Element ids stay in the binary: the screen tests and the tour find controls by id and label.
        .with_debug_info(true);
    slint_build::compile_with_config("windows.slint", config).expect("the .slint files must compile");
}
