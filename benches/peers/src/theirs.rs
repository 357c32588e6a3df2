//! tantivy, in memory.

use anyhow::{Context, Result};
use footnote::note::Note;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    Language, LowerCaser, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer,
};
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term};

use crate::Engine;

const WRITER_BYTES: usize = 60_000_000;

/// Words shorter than this have too many neighbours.
const FUZZY_LETTERS: usize = 4;

/// An index in memory, its writer while building and its searcher afterwards.
pub struct Theirs {
    index: Index,
    writer: Option<IndexWriter>,
    searcher: Option<Searcher>,
    analyzer: TextAnalyzer,
    text: Field,
    number: Field,
    sections: u64,
    fuzzy: bool,
}

impl Theirs {
    /// An empty index.
    pub fn new(fuzzy: bool) -> Result<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("notes")
            .set_index_option(IndexRecordOption::WithFreqs);
        let text = schema.add_text_field(
            "text",
            TextOptions::default().set_indexing_options(indexing),
        );
        let number = schema.add_u64_field("number", NumericOptions::default().set_fast());
        let index = Index::create_in_ram(schema.build());
        let analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(LowerCaser)
            .filter(StopWordFilter::new(Language::English).context("stop words")?)
            .filter(Stemmer::new(Language::English))
            .build();
        index.tokenizers().register("notes", analyzer.clone());
        let writer = Some(index.writer_with_num_threads(1, WRITER_BYTES)?);
        Ok(Self {
            index,
            writer,
            searcher: None,
            analyzer,
            text,
            number,
            sections: 0,
            fuzzy,
        })
    }
}

impl Engine for Theirs {
    fn add(&mut self, note: &Note) -> Result<()> {
        let writer = self.writer.as_mut().context("finished")?;
        for section in &note.sections {
            let mut document = TantivyDocument::default();
            let text = format!("{} {} {}", note.path, note.name, note.text(section.span));
            document.add_text(self.text, text);
            document.add_u64(self.number, self.sections);
            self.sections += 1;
            writer.add_document(document)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let mut writer = self.writer.take().context("finished")?;
        writer.commit()?;
        writer.wait_merging_threads()?;
        self.searcher = Some(self.index.reader()?.searcher());
        Ok(())
    }

    fn search(&mut self, question: &str) -> Result<Vec<usize>> {
        let searcher = self.searcher.as_ref().context("not finished")?;
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut tokens = self.analyzer.token_stream(question);
        tokens.process(&mut |token| {
            let term = Term::from_field_text(self.text, &token.text);
            let query: Box<dyn Query> = if self.fuzzy && token.text.len() >= FUZZY_LETTERS {
                Box::new(FuzzyTermQuery::new(term, 1, true))
            } else {
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
            };
            clauses.push((Occur::Should, query));
        });
        drop(tokens);
        let hits = searcher.search(
            &BooleanQuery::new(clauses),
            &TopDocs::with_limit(10).order_by_score(),
        )?;
        let mut numbers = Vec::new();
        for (_, address) in hits {
            let segment = searcher.segment_reader(address.segment_ord);
            let column = segment.fast_fields().u64("number")?;
            numbers.extend(column.first(address.doc_id).map(|number| number as usize));
        }
        Ok(numbers)
    }
}
