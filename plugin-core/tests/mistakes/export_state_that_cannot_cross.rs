pub struct State(u32);

#[plugin_core::export_plugin]
pub mod plugin {
    use super::State;

    pub fn answer() -> u32 {
        42
    }

    #[save]
    fn save() -> Result<State, String> {
        Ok(State(1))
    }

    #[restore]
    fn restore(state: State) -> u32 {
        state.0
    }
}

fn main() {}
