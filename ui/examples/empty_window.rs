//! The least a Slint window can cost on this machine: the yardstick of `docs/performance.md`.

slint::slint! {
    export component EmptyWindow inherits Window {
        preferred-width: 1080px;
        preferred-height: 1920px;
        background: #fbf8f3;
    }
}

fn main() -> Result<(), slint::PlatformError> {
    slint::BackendSelector::new().backend_name("winit".into()).renderer_name("software".into()).select()?;
    EmptyWindow::new()?.run()
}
